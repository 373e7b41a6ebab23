// Where the person is, in the address bar: `#/search?q=...&sel=event:41`. Behind the hash, because
// what stands before it is written into server logs, and a search may hold a plate.

import { untrack } from "svelte";

export type Page = "live" | "search" | "alerts" | "cameras" | "sources" | "settings";

export const PAGES: Page[] = ["live", "search", "alerts", "cameras", "sources", "settings"];

type Params = Record<string, string | number | null | undefined>;

export function parsed(hash: string): { page: Page; params: URLSearchParams } {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const page = PAGES.find((known) => known === path) ?? "live";
  return { page, params: new URLSearchParams(query) };
}

/** Commas, colons and slashes stay readable; everything else is escaped. */
export function written(page: Page, params: URLSearchParams): string {
  const query = params.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
  return `#/${page}${query ? `?${query}` : ""}`;
}

function changed(params: URLSearchParams, change: Params): URLSearchParams {
  const made = new URLSearchParams(params);
  for (const [name, value] of Object.entries(change)) {
    if (value == null || value === "") made.delete(name);
    else made.set(name, String(value));
  }
  return made;
}

class Place {
  page = $state<Page>("live");
  params = $state.raw(new URLSearchParams());

  start(): void {
    const read = () => ({ page: this.page, params: this.params } = parsed(location.hash));
    addEventListener("hashchange", read);
    read();
  }

  get(name: string): string | null {
    return this.params.get(name);
  }

  /** A link to another page: only the map's view goes along. */
  link(page: Page, params: Params = {}): string {
    return written(page, changed(new URLSearchParams(), { ...params, map: this.get("map") }));
  }

  go(page: Page, params: Params = {}): void {
    location.hash = this.link(page, params);
  }

  /** Changes parts of this page's state; the way back leads past it. */
  set(change: Params): void {
    this.#show(changed(untrack(() => this.params), change), "replaceState");
  }

  /** Selecting is a step that the back button undoes. */
  select(id: string | null): void {
    if (id !== this.get("sel")) this.#show(changed(this.params, { sel: id }), "pushState");
  }

  #show(params: URLSearchParams, how: "pushState" | "replaceState"): void {
    history[how](null, "", written(untrack(() => this.page), params));
    this.params = params;
  }
}

export const place = new Place();
