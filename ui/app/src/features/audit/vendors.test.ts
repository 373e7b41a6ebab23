import { expect, it } from "vitest";
import type { oversight, vendors } from "../../api";
import { differences, lacking, originOf, standingOf } from "./vendors";

const log: vendors.Log = { source: "plates", until: "", compared: "", tried: "", late: false, rows: 3, fields: ["user", "organisation", "subject", "reason", "case_number"], problem: null, detail: "" };
const review = (id: string, why: string, signed: string | null = null) => ({ id, why, signed }) as oversight.Review;

it("says of a log that does not come why, and that one that nobody set up is no fault", () => {
  expect(standingOf(log)).toEqual(["Comes every day", "green", ""]);
  expect(standingOf({ ...log, problem: "not_set_up", detail: "Name a folder." })).toEqual(["Not set up", "grey", "Name a folder."]);
  expect(standingOf({ ...log, problem: "unreadable", detail: "No such file." })).toEqual(["Could not be read", "amber", "No such file."]);
  expect(standingOf({ ...log, late: true })[0]).toBe("Late");
});

it("names what a log leaves out, once it has said anything", () => {
  expect(lacking(log)).toEqual([]);
  expect(lacking({ ...log, fields: ["user", "subject", "reason"] })).toEqual(["which agency", "for which case"]);
  expect(lacking({ ...log, rows: 0, fields: [] })).toEqual([]);
});

it("takes of the reviews what comes of comparing, those that wait first", () => {
  const waiting = [review("1", "sample"), review("2", "past_the_hub")];
  const signed = [review("3", "differs", "2026-05-01T00:00:00Z"), review("4", "not_at_vendor", "2026-05-02T00:00:00Z"), review("5", "off_hours", "2026-05-03T00:00:00Z")];
  expect(differences(waiting, signed).map(({ id }) => id)).toEqual(["2", "4", "3"]);
});

it("accuses nobody because a row names no record", () => {
  const row: vendors.Row = { id: "1", at: "", user: null, organisation: null, case_number: null, record: null };
  expect(originOf(row)).toMatch(/^Not said/);
  expect(originOf({ ...row, record: "r" })).toBe("This hub, it says");
  expect(originOf({ ...row, organisation: "Elsewhere PD" })).toBe("Another agency");
});
