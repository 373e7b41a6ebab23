import { expect, it } from "vitest";
import { counted, rowLabel } from "./said";

it("says codes in words and leaves names alone", () => {
  expect(rowLabel("missing_endangered")).toBe("Missing or endangered person");
  expect(rowLabel("search.asked")).toBe("Search asked");
  expect(rowLabel("EX-SO")).toBe("EX-SO");
});

it("takes a count that is not shown for a count", () => {
  expect(counted({ total: "<5" })).toBe(true);
  expect(counted({ total: 0 })).toBe(false);
});
