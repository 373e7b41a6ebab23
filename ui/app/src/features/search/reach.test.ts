import { expect, it } from "vitest";
import type { Reach } from "../../api";
import { rowsOf, titleOf, whyOf } from "./reach";

const limits = { records: 1000, plates: 50, people: 20, cameras: 50, agencies: 0, sightings: 20 };
const reach = (more: Partial<Reach>): Reach => ({
  records: 10, plates: 0, people: 0, cameras: 0, agencies: 0, sightings: 0, before: 0, more: false, history: false, needs_supervisor: true, limits, ...more,
});

it("says what is touched, and which of it is too much for one person", () => {
  expect(rowsOf(reach({ records: 1200, plates: 50, cameras: 1 }))).toEqual([
    { counted: "1,200 records", most: "1,000", over: true },
    { counted: "50 plates", most: "50", over: false },
    { counted: "1 camera", most: "50", over: false },
  ]);
});

it("does not say how many where nobody counted them all", () => {
  expect(rowsOf(reach({ records: 10_001, more: true }))[0]!.counted).toBe("More than 10,000 records");
});

it("calls a movement history by its name", () => {
  const history = reach({ history: true, records: 21, sightings: 21, more: true });
  expect(titleOf(history)).toBe("This is a movement history");
  expect(rowsOf(history)).toEqual([
    { counted: "More than 20 records", most: "1,000", over: false },
    { counted: "More than 20 sightings of one", most: "20", over: true },
  ]);
  expect(whyOf(reach({}))).not.toContain("movement");
});

it("says what of it searches showed before", () => {
  expect(whyOf(reach({ before: 1 }))).toBe("With 1 record that your searches showed in the last hour. A supervisor agrees before it is searched.");
  expect(whyOf(reach({}))).toBe("A supervisor agrees before it is searched.");
});
