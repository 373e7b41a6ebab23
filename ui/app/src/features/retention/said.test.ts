import { expect, it } from "vitest";
import type { Line } from "../../api/retention";
import { coveredSaid, dueSaid, inOrder, kindSaid, sourceSaid } from "./said";

const line = (source: string, more: Partial<Line> = {}): Line => ({
  source, source_name: source, kind: "alert", handlings: [], cap: { time: "30 days", rule: "default" }, floor: null, contradiction: false, before: "2026-10-01T00:00:00Z", due: 0, ...more,
});

it("says kinds in the field's words, and new ones as they are", () => {
  expect(kindSaid("watchfloor.lpr.read.v1")).toBe("Plate reads");
  expect(kindSaid("new-kind")).toBe("New kind");
  expect(sourceSaid("", (id) => id)).toBe("This hub");
});

it("puts what has to be mended first, then what is due, then what goes soonest", () => {
  const ordered = inOrder([
    line("long", { before: "2025-10-01T00:00:00Z" }),
    line("short"),
    line("due", { due: 3 }),
    line("torn", { contradiction: true }),
  ]);
  expect(ordered.map(({ source }) => source)).toEqual(["torn", "due", "short", "long"]);
});

it("does not claim to have counted on", () => {
  expect(dueSaid(1_000_000)).toBe("1,000,000 or more");
  expect(dueSaid(12)).toBe("12");
});

it("says what a hold covers, part by part", () => {
  const said = coveredSaid({ keys: [["plate", "ZZT0001"], ["call", "SIM-1"]], sources: ["lpr"], since: 1_000_000 }, (ms) => `${ms} ms`, (id) => id.toUpperCase());
  expect(said).toEqual(["Plate ZZT0001, Call SIM-1", "from LPR", "from 1000 ms"]);
  expect(coveredSaid({ keys: [["plate", null]] }, String, String)).toEqual(["Plate (not shown)"]);
});
