// The sources by name, also for who may not see how they fare: those that data is kept of.
import { retention } from "../../api";
import { Loaded } from "../../lib/loaded.svelte";
import { live } from "../../live/store.svelte";

type Named = { id: string; name: string };

/** Those that are set up, and those of which there is data still; by name. */
export function namedSources(set: Named[], lines: Pick<retention.Line, "source" | "source_name">[]): Named[] {
  const kept = lines.filter(({ source }) => source).map(({ source, source_name }): [string, Named] => [source, { id: source, name: source_name }]);
  const known = new Map([...kept, ...set.map(({ id, name }): [string, Named] => [id, { id, name }])]);
  return [...known.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}

class Sources {
  #plan = new Loaded<retention.Line[]>();
  all = $derived(namedSources(live.sources, this.#plan.value ?? []));

  /** Asked once for whoever is told of no sources. */
  know(): void {
    if (!live.sources.length && !this.#plan.value && !this.#plan.loading) void this.#plan.load(async (signal) => (await retention.plan(signal)).items);
  }

  name = (id: string): string => this.all.find((source) => source.id === id)?.name ?? id;
}

export const sources = new Sources();
