// Where the person is, in the address bar: `#/search?q=...&sel=event:41`. Behind the hash, because
// what stands before it is written into server logs, and a search may hold a plate.

import { untrack } from "svelte";
import { PAGES, type Page } from "./pages";

const KEPT = "watchfloor.place";
const AWAY = "#/away";

type Params = Record<string, string | number | null | undefined>;

/** `named` is null where the address names no page. */
export function parsed(hash: string): { named: Page | null; params: URLSearchParams } {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const named = PAGES.find(({ page }) => page === path)?.page ?? null;
  return { named, params: new URLSearchParams(query) };
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

type Kept = { person: string; hash: string; linked: boolean };

function kept(): Kept {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? '{"person":"","hash":"","linked":false}');
}

function keep(place: Kept): void {
  sessionStorage.setItem(KEPT, JSON.stringify(place));
}

/** Who was at the address that the browser shows now. It keeps every one of a tab, and leads back to it whoever sits
 * there by then: each has a mark of whose it is. */
const whose = (): string => history.state?.whose ?? "";

/** Whether the page was opened at its address, by whatever had it, and not loaded again. */
function isOpened(): boolean {
  const [loaded] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return loaded?.type !== "reload";
}

class Place {
  named = $state<Page | null>(null);
  params = $state.raw(new URLSearchParams());
  /** Where somebody is who did not say where they want to go. */
  home = $state<Page>("live");
  page = $derived(this.named ?? this.home);
  /** Whether the address came from outside, and nothing here led on from it yet: a link does nothing
   * in the name of who opens it. */
  linked = $state(false);
  /** Whose place is kept, while it is. */
  #away: string | null = null;
  #whose = "";

  start(): void {
    addEventListener("hashchange", () => this.#arrive());
    this.linked = isOpened();
    if (whose() && whose() !== kept().person) history.replaceState(null, "", AWAY);
    this.#read();
  }

  /** By a link, or on the way back, which leads nobody to where somebody else was. */
  #arrive(): void {
    this.linked = false;
    if (this.#away === null) this.#mark(whose() && whose() !== this.#whose ? written(this.home, new URLSearchParams()) : location.hash);
    else if (whose()) history.replaceState(null, "", AWAY);
    this.#read();
  }

  #mark(hash: string): void {
    history.replaceState({ whose: this.#whose }, "", hash);
  }

  /** Keeps the place for whoever was there, and takes it out of the address bar: it may hold a plate,
   * and nobody is to read it there while the screen is locked. Where nobody is said to have been, it
   * is the person's whose tab this last was; in a new tab, whoever signs in asked for it. */
  leave(person = kept().person): void {
    this.#away = person;
    if (parsed(location.hash).named) keep({ person, hash: location.hash, linked: this.linked });
    history.replaceState(null, "", AWAY);
  }

  /** Back to where this person was, or was on the way to. */
  back(person: string, home: Page): void {
    const { person: last, hash, linked } = kept();
    const own = !last || last === person;
    this.home = home;
    this.#away = null;
    this.#whose = person;
    keep({ person, hash: "", linked: false });
    if (own && parsed(location.hash).named) this.#mark(location.hash);
    else {
      this.#mark((own && hash) || written(home, new URLSearchParams()));
      this.linked = own && linked;
    }
    this.#read();
  }

  /** They said that they go: nothing is kept, for them neither. */
  forget(): void {
    this.#away = "";
    this.named = null;
    this.params = new URLSearchParams();
    history.replaceState(null, "", AWAY);
    sessionStorage.removeItem(KEPT);
  }

  #read(): void {
    ({ named: this.named, params: this.params } = parsed(location.hash));
  }

  get(name: string): string | null {
    return this.params.get(name);
  }

  /** A link to another page: only the map's view goes along. */
  link(page: Page, params: Params = {}): string {
    return written(page, changed(new URLSearchParams(), { ...params, map: this.get("map") }));
  }

  go(page: Page, params: Params = {}): void {
    this.linked = false;
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
    const hash = written(untrack(() => this.page), params);
    this.params = params;
    if (this.#away === null) history[how]({ whose: this.#whose }, "", hash);
    else keep({ person: this.#away, hash, linked: this.linked });
  }
}

export const place = new Place();
