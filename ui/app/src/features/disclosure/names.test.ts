import { expect, it } from "vitest";
import { caseName } from "./names";

it("makes a file name of any case number", () => {
  expect(caseName(" ZZ-26-0001 ")).toBe("case-ZZ-26-0001.zip");
  expect(caseName("../26/17 b/")).toBe("case-26-17-b.zip");
});
