import { expect, it } from "vitest";
import { cameTo, counted, reach, rowLabel, timesSaid } from "./said";

it("says codes in words and leaves names alone", () => {
  expect(rowLabel("missing_endangered")).toBe("Missing or endangered person");
  expect(rowLabel("search.asked")).toBe("Search asked");
  expect(rowLabel("EX-SO")).toBe("EX-SO");
});

it("takes a count that is not shown for a count", () => {
  expect(counted({ total: "<5" })).toBe(true);
  expect(counted({ total: 0 })).toBe(false);
});

it("says how often as much, finer where it is less", () => {
  expect([0, 0.33, 1, 2.14, 12.4].map(timesSaid)).toEqual(["0 ×", "0.33 ×", "1.0 ×", "2.1 ×", "12 ×"]);
});

it("draws twice as much as far to one side as half as much to the other", () => {
  expect([1, 2, 0.5, 4, 100, 0].map(reach)).toEqual([0, 25, -25, 50, 50, -50]);
});

it("says which part of what was answered was found", () => {
  expect(cameTo({ found: 3, not_found: 1, open: 6 })).toEqual({ total: 10, found: "75 %" });
  expect(cameTo({ open: 2, cancelled: 1 })).toEqual({ total: 3, found: "–" });
});
