import { expect, it } from "vitest";
import { dayOf, lastMonth, startOf, thisMonth } from "./days";

const ZONE = "America/Chicago";

it("counts days where the agency is", () => {
  expect(dayOf(Date.parse("2026-11-23T03:00:00Z"), ZONE)).toBe("2026-11-22");
  expect(startOf("2026-07-01", ZONE)).toBe("2026-07-01T05:00:00Z");
  expect(startOf("2026-12-01", ZONE)).toBe("2026-12-01T06:00:00Z");
});

it("finds the last whole month and the one under way, over the turn of a year as well", () => {
  expect(lastMonth(Date.parse("2026-11-23T12:00:00Z"), ZONE)).toEqual({ since: "2026-10-01", until: "2026-11-01" });
  expect(lastMonth(Date.parse("2027-01-01T03:00:00Z"), ZONE)).toEqual({ since: "2026-11-01", until: "2026-12-01" });
  expect(thisMonth(Date.parse("2026-12-31T12:00:00Z"), ZONE)).toEqual({ since: "2026-12-01", until: "2027-01-01" });
});
