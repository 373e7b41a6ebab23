import { expect, it } from "vitest";
import listed from "../../../../core/src/watchfloor/contracts/purpose.py?raw";
import { PURPOSES, purposeTitle } from "./purposes";

it("has the hub's own words for every purpose there is", () => {
  const kinds = [...listed.matchAll(/PurposeKind\("([a-z_]+)", "([^"]+)"/g)].map(([, code, title]) => ({ code, title }));
  expect(kinds.length).toBeGreaterThan(10);
  expect(PURPOSES).toEqual(kinds);
});

it("shows a code that it does not know as it is", () => {
  expect(purposeTitle("new_one")).toBe("new_one");
});
