import { describe, expect, it } from "vitest";
import { begin, fieldsOf, read, wrongChoice, type Schema } from "./schema";

const schema: Schema = {
  type: "object",
  required: ["base_url", "mode"],
  properties: {
    base_url: { type: "string", title: "Base address", description: "Where it answers.", pattern: "^https?://" },
    mode: { enum: ["fast", "slow", 3] },
    every_s: { type: "number", exclusiveMinimum: 0 },
    cameras: { type: "array", items: { type: "string" }, default: ["a", "b"] },
    bounds: { type: "array", items: { type: "number" }, minItems: 4, maxItems: 4 },
    units: { type: "boolean", default: true },
    page: { type: "integer", minimum: 1, maximum: 10 },
    drop_folder: { type: "object", required: ["path"], properties: { path: { type: "string", format: "path" } } },
    codes: { type: "object", additionalProperties: { type: "string" } } as Schema,
  },
};
const fields = fieldsOf(schema);
const good = { ...begin(fields, {}), base_url: "https://cad.example.org", mode: '"fast"' };
const problems = (more: Record<string, string>) => read(fields, { ...good, ...more }).problems;

describe("a form from a schema", () => {
  it("has a field a property, named for people", () => {
    expect(fields.map((field) => [field.title, field.kind])).toEqual([
      ["Base address", "text"], ["Mode", "choice"], ["Every s", "number"], ["Cameras", "list"], ["Bounds", "list"],
      ["Units", "yes_no"], ["Page", "number"], ["Drop folder", "group"], ["Codes", "json"],
    ]);
    expect(fields[0]).toMatchObject({ help: "Where it answers.", required: true });
  });

  it("begins with the defaults, and with what is set before them", () => {
    expect(begin(fields, {})).toMatchObject({ cameras: "a\nb", units: true, base_url: "" });
    expect(begin(fields, { cameras: ["c"], units: false, page: 0 })).toMatchObject({ cameras: "c", units: false, page: "0" });
  });

  it("gives back what it began with", () => {
    const config = { base_url: "https://cad.example.org", mode: 3, every_s: 0.5, cameras: ["c"], bounds: [1, 2, 3, 4], units: false, page: 2, drop_folder: { path: "/srv/drop" }, codes: { A: "b" } };
    expect(read(fields, begin(fields, config))).toEqual({ config, problems: {} });
  });

  it("leaves out what nobody filled in", () => {
    expect(read(fields, good).config).toEqual({ base_url: "https://cad.example.org", mode: "fast", cameras: ["a", "b"], units: true });
  });

  it("says beside each field what is wrong with it", () => {
    expect(read(fields, begin(fields, {})).problems).toEqual({ base_url: "This is needed.", mode: "This is needed." });
    expect(problems({ base_url: "cad.example.org" })).toEqual({ base_url: "Write an address that begins with https:// or http://." });
    expect(problems({ every_s: "0" })).toEqual({ every_s: "More than 0." });
    expect(problems({ every_s: "soon" })).toEqual({ every_s: "Write a number, such as 30 or 0.5." });
    expect(problems({ page: "1.5" })).toEqual({ page: "Write a whole number." });
    expect(problems({ page: "11" })).toEqual({ page: "10 or less." });
    expect(problems({ bounds: "1\n2" })).toEqual({ bounds: "At least 4, one a line." });
    expect(problems({ bounds: "1\n2\nx\n4" })).toEqual({ bounds: "Line 3: Write a number, such as 30 or 0.5." });
    expect(problems({ codes: "{" })).toEqual({ codes: "This is no JSON." });
  });

  it("names a problem inside a group by its way", () => {
    const inner = fieldsOf({ required: ["a"], properties: { a: { type: "object", required: ["b"], properties: { b: { type: "string" } } } } });
    expect(read(inner, { a: { b: "" } }).problems).toEqual({ "a.b": "This is needed." });
  });

  it("keeps a secret as it was typed", () => {
    expect(read([{ ...fields[0]!, schema: {}, secret: true }], { base_url: " ab " }).config).toEqual({ base_url: " ab " });
  });

  it("lets a pattern pass that the browser cannot read", () => {
    const odd = fieldsOf({ properties: { a: { type: "string", pattern: "(?i)x" } } });
    expect(read(odd, { a: "y" }).problems).toEqual({});
  });
});

it("says when not exactly one of several ways was taken", () => {
  const ways: Schema = { properties: { path: { title: "Path" }, sftp: { title: "Folder" }, key: { title: "Key" } }, oneOf: [{ required: ["path"] }, { required: ["sftp", "key"] }] };
  expect(wrongChoice(ways, {})).toBe("Fill in one of these: “Path”, or “Folder” with “Key”.");
  expect(wrongChoice(ways, { path: 1, sftp: 1 })).toBe("");
  expect(wrongChoice(ways, { path: 1, sftp: 1, key: 1 })).toContain("only one way");
  expect(wrongChoice({}, {})).toBe("");
});
