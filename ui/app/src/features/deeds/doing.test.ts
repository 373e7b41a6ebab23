import { expect, it } from "vitest";
import type { deeds } from "../../api";
import { fitting, knownOf } from "./doing";

const doable = (name: string, parameter: string, undo: string | null = null): deeds.Doable => ({
  source: "cad", source_name: "CAD", declaration: { name, title: name, undo, parameters: { properties: { [parameter]: { type: "string" } } } },
});

it("offers what can be done with what is open, and nothing that only takes another back", () => {
  const all = [doable("add-note", "call", "remove-note"), doable("remove-note", "reference"), doable("deliver-alert", "call"), doable("list-plate", "plate"), doable("ask-for-footage", "camera")];
  const names = (data: Record<string, unknown>, of = "lpr") => fitting(all, knownOf(data), of).map((each) => each.declaration.name);
  expect(names({ call_number: "F-1" })).toEqual(["add-note"]);
  expect(names({ plate: "ZZT1" })).toEqual(["list-plate"]);
  expect(names({ camera: "c-1" }, "cad")).toEqual(["ask-for-footage"]);
  expect(names({ camera: "c-1" })).toEqual([]);
  expect(names({ place: { address: "1 Main St" } })).toEqual([]);
});
