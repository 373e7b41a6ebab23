import { expect, it } from "vitest";
import { plain } from "./found";

it("tells an answer in words, however it is nested", () => {
  expect(plain({ LIC: ["ZZT0003"], NAM: ["EXAMPLE", "SAM"], VIN: null })).toBe("LIC ZZT0003; NAM EXAMPLE, SAM");
  expect([plain(true), plain(2015), plain("KS")]).toEqual(["yes", "2015", "KS"]);
});
