import { expect, it } from "vitest";
import { failed, linesOf } from "./said";

const TEXT = "--- running/settings.toml\n+++ proposed/settings.toml\n@@ -1,2 +1,2 @@\n contact = \"x\"\n-[gates.a]\n+[gates.b]\n";

it("tells what a difference adds from what it takes away, and neither from a file's name", () => {
  expect(linesOf(TEXT).map(({ as }) => as)).toEqual(["file", "file", "place", "same", "removed", "added"]);
  expect(linesOf("")).toEqual([]);
});

it("finds the tests that fail", () => {
  const runs = [{ file: "a", name: "one", differs: "" }, { file: "a", name: "two", differs: "it is permitted" }];
  expect(failed(runs).map(({ name }) => name)).toEqual(["two"]);
});
