import { expect, it } from "vitest";
import type { deeds } from "../../api";
import { fitting, knownOf } from "./doing";

const doable = (name: string, parameter: string, undo: string | null = null): deeds.Doable => ({
  source: "cad", source_name: "CAD", declaration: { name, title: name, undo, parameters: { properties: { [parameter]: { type: "string" } } } },
});

it("offers what can be done with what is open, and nothing that only takes another back", () => {
  const all = [doable("add-note", "call", "remove-note"), doable("remove-note", "reference"), doable("deliver-alert", "call"), doable("list-plate", "plate")];
  const names = (data: Record<string, unknown>) => fitting(all, knownOf(data)).map((each) => each.declaration.name);
  expect(names({ call_number: "F-1" })).toEqual(["add-note"]);
  expect(names({ plate: "ZZT1" })).toEqual(["list-plate"]);
  expect(names({ place: { address: "1 Main St" } })).toEqual([]);
});
