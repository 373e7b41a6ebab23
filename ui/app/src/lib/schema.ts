// A JSON Schema (draft 2020-12) as a form: its fields, what they begin with, what was typed as the
// settings that the hub is sent, and beside each field what is wrong with it. What a schema says
// beyond this is left to the hub, which checks everything again.

export type Schema = {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  oneOf?: Schema[];
};

export type Kind = "text" | "number" | "yes_no" | "choice" | "list" | "group" | "json";

export type Field = {
  name: string;
  title: string;
  help: string;
  kind: Kind;
  required: boolean;
  schema: Schema;
  /** Of a group. */
  fields?: Field[];
  /** Never shown, and not kept by the browser. */
  secret?: boolean;
  /** More than a line. */
  long?: boolean;
};

/** What stands in the form: text for most, a list as a line an item, a group as its own values. */
export type Values = { [name: string]: string | boolean | Values };
export type Problems = Record<string, string>;
type Read = { config: Record<string, unknown>; problems: Problems };

const LONG = 300;

export function fieldsOf(schema: Schema): Field[] {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).map(([name, inner]) => fieldOf(name, inner, required.includes(name)));
}

export function fieldOf(name: string, schema: Schema, required: boolean): Field {
  const kind = kindOf(schema);
  return {
    name,
    title: schema.title ?? name.replaceAll("_", " ").replace(/^./, (first) => first.toUpperCase()),
    help: schema.description ?? "",
    kind,
    required,
    schema,
    ...(kind === "group" && { fields: fieldsOf(schema) }),
    ...(kind === "text" && (schema.maxLength ?? 0) >= LONG && !schema.pattern && !schema.format && { long: true }),
  };
}

function kindOf(schema: Schema): Kind {
  if (schema.enum) return "choice";
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== "null") : schema.type;
  if (type === "string") return "text";
  if (type === "number" || type === "integer") return "number";
  if (type === "boolean") return "yes_no";
  if (type === "array" && ["text", "number"].includes(kindOf(schema.items ?? {}))) return "list";
  return type === "object" && schema.properties ? "group" : "json";
}

/** The form as it begins: what is set, else the default. */
export function begin(fields: Field[], config: Record<string, unknown>): Values {
  return Object.fromEntries(fields.map((field) => [field.name, typed(field, config[field.name] ?? field.schema.default)]));
}

function typed(field: Field, value: unknown): Values[string] {
  if (field.kind === "group") return begin(field.fields ?? [], (value ?? {}) as Record<string, unknown>);
  if (field.kind === "yes_no") return value === true;
  if (value === undefined || value === null) return "";
  if (field.kind === "choice" || field.kind === "json") return JSON.stringify(value, null, field.kind === "json" ? 2 : 0);
  return Array.isArray(value) ? value.join("\n") : String(value);
}

/** What was typed as settings; problems by the field's name, those of a group as "group.field". */
export function read(fields: Field[], values: Values, within = ""): Read {
  const config: Record<string, unknown> = {};
  const problems: Problems = {};
  for (const field of fields) {
    const at = within + field.name;
    const value = valueOf(field, values[field.name], at, problems);
    if (value !== undefined) config[field.name] = value;
    else if (field.required && !problems[at]) problems[at] = "This is needed.";
  }
  return { config, problems };
}

function valueOf(field: Field, given: Values[string] | undefined, at: string, problems: Problems): unknown {
  if (field.kind === "group") return groupOf(field, (given ?? {}) as Values, at, problems);
  if (field.kind === "yes_no") return given === true;
  const text = field.secret ? String(given ?? "") : String(given ?? "").trim();
  if (!text) return undefined;
  const [value, problem] = parsed(field, text);
  if (problem) problems[at] = problem;
  return problem ? undefined : value;
}

/** A group that nobody filled in is left out, unless it is needed. */
function groupOf(field: Field, values: Values, at: string, problems: Problems): unknown {
  const inner = read(field.fields ?? [], values, `${at}.`);
  if (!field.required && !Object.keys(inner.config).length) return undefined;
  Object.assign(problems, inner.problems);
  return inner.config;
}

type Parsed = [value: unknown, problem: string];

function parsed(field: Field, text: string): Parsed {
  if (field.kind === "number") return numberIn(field.schema, text);
  if (field.kind === "list") return listIn(field.schema, text);
  if (field.kind === "choice") return [JSON.parse(text), ""];
  if (field.kind === "json") return jsonIn(text);
  return [text, wrongText(field.schema, text)];
}

function jsonIn(text: string): Parsed {
  try {
    return [JSON.parse(text), ""];
  } catch {
    return [undefined, "This is no JSON."];
  }
}

function listIn(schema: Schema, text: string): Parsed {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (lines.length < (schema.minItems ?? 0)) return [undefined, `At least ${schema.minItems}, one a line.`];
  if (lines.length > (schema.maxItems ?? Infinity)) return [undefined, `No more than ${schema.maxItems}, one a line.`];
  const inner = fieldOf("", schema.items ?? {}, true);
  const each = lines.map((line) => parsed(inner, line));
  const bad = each.findIndex(([, problem]) => problem);
  return bad < 0 ? [each.map(([value]) => value), ""] : [undefined, `Line ${bad + 1}: ${each[bad]![1]}`];
}

function numberIn(schema: Schema, text: string): Parsed {
  const value = Number(text);
  if (!Number.isFinite(value)) return [undefined, "Write a number, such as 30 or 0.5."];
  if (schema.type === "integer" && !Number.isInteger(value)) return [undefined, "Write a whole number."];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (minimum !== undefined && value < minimum) return [undefined, `${minimum} or more.`];
  if (maximum !== undefined && value > maximum) return [undefined, `${maximum} or less.`];
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return [undefined, `More than ${exclusiveMinimum}.`];
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) return [undefined, `Less than ${exclusiveMaximum}.`];
  return [value, ""];
}

/** Patterns that people meet often, in words. */
const FORMS: [pattern: RegExp, words: string][] = [
  [/^\^https\?:\/\//, "Write an address that begins with https:// or http://."],
  [/^\^https:\/\//, "Write an address that begins with https://."],
  [/^\^sftp:\/\//, "Write it as sftp://host/folder."],
];

function wrongText({ pattern, minLength, maxLength }: Schema, text: string): string {
  if (text.length < (minLength ?? 0)) return `At least ${minLength} signs.`;
  if (text.length > (maxLength ?? Infinity)) return `No more than ${maxLength} signs.`;
  if (!pattern || matches(pattern, text)) return "";
  return FORMS.find(([form]) => form.test(pattern))?.[1] ?? `It must have the form ${pattern}.`;
}

/** The hub knows more kinds of patterns than the browser: what the browser cannot read, it lets pass. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, "u").test(text);
  } catch {
    return true;
  }
}

/** What is wrong with the whole: a schema may want exactly one of several ways. */
export function wrongChoice(schema: Schema, config: Record<string, unknown>): string {
  const ways = (schema.oneOf ?? []).map((way) => way.required ?? []);
  if (!ways.length || ways.some((way) => !way.length)) return "";
  const taken = ways.filter((way) => way.every((name) => name in config)).length;
  if (taken === 1) return "";
  const title = (name: string) => `“${schema.properties?.[name]?.title ?? name}”`;
  const said = ways.map((way) => way.map(title).join(" with ")).join(", or ");
  return taken ? `Fill in only one way: ${said}.` : `Fill in one of these: ${said}.`;
}
