// What has been typed so far, kept while somebody goes back and forth, and through a reload. Secrets
// are kept by nobody but the hub: they live in this page until they are sent.
import type { connectors, Source, sources } from "../../../api";
import { begin, fieldsOf, read, wrongChoice, type Field, type Problems, type Schema, type Values } from "../../../lib/schema";

type Kept = { name: string; synthetic: boolean; values: Values; said: Values | null };

const CADENCE: Schema = { type: "number", exclusiveMinimum: 0, title: "Every (seconds)", description: "How often to look for news. The connector's own cadence, when empty." };

/** The connector's settings; any that polls may be told how often. */
export function settingsOf(manifest: connectors.Manifest): Schema {
  const { config_schema: schema } = manifest;
  if (!manifest.capabilities.includes("poll") || schema.properties?.every_s) return schema;
  return { ...schema, properties: { ...schema.properties, every_s: CADENCE } };
}

/** "Plates, Gate 3" as "plates-gate-3", with a number where that is taken. */
export function idFrom(name: string, taken: string[]): string {
  const id = name.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 56) || "source";
  for (let n = 1; ; n++) {
    const tried = n === 1 ? id : `${id}-${n}`;
    if (!taken.includes(tried)) return tried;
  }
}

export class Draft {
  readonly fields: Field[];
  readonly schema: Schema;
  name = $state("");
  synthetic = $state(false);
  values = $state<Values>({});
  /** The impact statement. */
  said = $state<Values | null>(null);
  /** By credential; never kept. */
  secrets = $state<Record<string, Values>>({});
  problems = $state<Problems>({});

  constructor(
    readonly manifest: connectors.Manifest,
    source: Source | null,
  ) {
    this.schema = settingsOf(manifest);
    this.fields = fieldsOf(this.schema);
    this.#begin(source);
  }

  get #key(): string {
    return `watchfloor.draft.${this.manifest.id}`;
  }

  #begin(source: Source | null): void {
    const kept = source ? null : this.#kept();
    this.name = source?.name ?? kept?.name ?? this.manifest.name;
    this.synthetic = source?.synthetic ?? kept?.synthetic ?? false;
    this.values = { ...begin(this.fields, source?.config ?? {}), ...kept?.values };
    this.said = kept?.said ?? null;
    for (const { name } of this.manifest.credentials ?? []) this.secrets[name] = {};
  }

  #kept(): Partial<Kept> | null {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key) ?? "null") as Partial<Kept> | null;
    } catch {
      return null;
    }
  }

  keep(): void {
    const { name, synthetic, values, said } = this;
    sessionStorage.setItem(this.#key, JSON.stringify({ name, synthetic, values, said } satisfies Kept));
  }

  forget(): void {
    sessionStorage.removeItem(this.#key);
  }

  /** What is to be stored; null when something does not fit yet, which `problems` then says. */
  wanted(enabled: boolean): sources.Wanted | null {
    const { config, problems } = read(this.fields, this.values);
    const choice = wrongChoice(this.schema, config);
    this.problems = {
      ...problems,
      ...(!this.name.trim() && { "": "Give it a name." }),
      ...(choice && !Object.keys(problems).length && { "*": choice }),
    };
    if (Object.keys(this.problems).length) return null;
    return { connector: this.manifest.id, name: this.name.trim(), config, enabled, synthetic: this.synthetic };
  }
}
