import { expect, it } from "vitest";
import { namedSources } from "./sources.svelte";

it("names sources that are set up, and those that only data is kept of, once each and by name", () => {
  const set = [{ id: "lpr", name: "Plate readers" }];
  const lines = [
    { source: "", source_name: "" },
    { source: "lpr", source_name: "lpr" },
    { source: "old", source_name: "Old dispatch" },
    { source: "old", source_name: "Old dispatch" },
  ];
  expect(namedSources(set, lines)).toEqual([{ id: "old", name: "Old dispatch" }, { id: "lpr", name: "Plate readers" }]);
});
