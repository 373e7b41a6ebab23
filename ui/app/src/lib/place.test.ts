import { beforeEach, describe, expect, it, vi } from "vitest";
import { place } from "./place.svelte";

const kept = new Map<string, string>();
const location = { hash: "" };

let arrived: () => void;

/** The browser's way back leads there, to an address at which this person was. */
function goBack(person: string | null, hash: string): void {
  Object.assign(history, { state: person && { whose: person } });
  location.hash = hash;
}

const loaded = (type: string) => vi.stubGlobal("performance", { getEntriesByType: () => [{ type }] });

beforeEach(() => {
  kept.clear();
  loaded("reload");
  vi.stubGlobal("location", location);
  vi.stubGlobal("addEventListener", (_: string, arrive: () => void) => (arrived = arrive));
  vi.stubGlobal("history", { state: null, replaceState: (state: unknown, _: string, hash: string) => (Object.assign(history, { state }), (location.hash = hash)) });
  vi.stubGlobal("sessionStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) });
  location.hash = "#/search?q=ZZT1234";
  place.start();
});

it("takes what was looked at out of the address, and brings it back for the same person", () => {
  place.leave("ana");
  expect(location.hash).not.toContain("ZZT1234");
  place.back("ana", "live");
  expect(location.hash).toBe("#/search?q=ZZT1234");
  expect(place.page).toBe("search");
});

it("leads nobody else to where somebody was", () => {
  place.leave("ana");
  place.back("omar", "sources");
  expect(place.page).toBe("sources");
  expect([...kept.values()].join()).not.toContain("ZZT1234");
});

it("leads whoever signs in to what they asked for before", () => {
  place.leave();
  place.back("omar", "sources");
  expect(place.page).toBe("search");
});

it("writes nothing into the address while it is away, and forgets nothing", () => {
  place.leave("ana");
  place.set({ map: "1,2,3" });
  expect(location.hash).not.toContain("ZZT1234");
  place.back("ana", "live");
  expect(place.get("map")).toBe("1,2,3");
});

it("keeps for a person what was theirs, where nobody is said to have left", () => {
  place.leave("ana");
  place.back("ana", "live");
  place.leave();
  place.back("omar", "sources");
  expect(place.page).toBe("sources");
  expect([...kept.values()].join()).not.toContain("ZZT1234");
});

it("leads nobody to an address that somebody before them left standing in this tab", () => {
  place.back("ana", "live");
  expect(place.get("q")).toBe("ZZT1234");
  place.back("omar", "sources");
  expect(location.hash).toBe("#/sources");
});

it("keeps nothing for whoever says that they go", () => {
  place.back("ana", "live");
  place.forget();
  place.leave();
  place.set({ map: "1,2,3" });
  expect(location.hash).not.toContain("ZZT1234");
  expect([...kept.values()].join()).not.toContain("ZZT1234");
  place.back("ana", "live");
  expect(place.page).toBe("live");
});

describe("the way back", () => {
  const PLATE = "#/search?q=ZZT1234";

  it("leads a person to where they were", () => {
    place.back("ana", "live");
    goBack("ana", PLATE);
    arrived();
    expect([location.hash, place.page]).toEqual([PLATE, "search"]);
  });

  it("leads nobody to where somebody else was, in the same page or in one that is loaded anew", () => {
    place.back("omar", "sources");
    for (const again of [() => arrived(), () => (place.start(), place.back("omar", "sources"))]) {
      goBack("ana", PLATE);
      again();
      expect([location.hash, place.get("q")]).toEqual(["#/sources", null]);
    }
  });

  it("shows no address while nobody is here, and none to whoever comes then", () => {
    place.back("ana", "live");
    place.forget();
    for (const again of [() => arrived(), () => place.start()]) {
      goBack("ana", PLATE);
      again();
      expect(location.hash).not.toContain("ZZT1234");
    }
    place.leave();
    place.back("omar", "sources");
    expect(place.page).toBe("sources");
  });

  it("marks every address that somebody was at as theirs", () => {
    place.back("ana", "live");
    expect(history.state).toEqual({ whose: "ana" });
    goBack(null, "#/cameras");
    arrived();
    expect(history.state).toEqual({ whose: "ana" });
    place.set({ map: "1,2,3" });
    expect(history.state).toEqual({ whose: "ana" });
  });
});

describe("a search that came with a link from outside", () => {
  beforeEach(() => (loaded("navigate"), place.start()));

  it("is known from one that was loaded again", () => {
    expect(place.linked).toBe(true);
    loaded("reload");
    place.start();
    expect(place.linked).toBe(false);
  });

  it("stays one over a sign-in, which loads the page anew", () => {
    place.leave();
    location.hash = "";
    place.start();
    place.back("ana", "live");
    expect([place.get("q"), place.linked]).toEqual(["ZZT1234", true]);
  });

  it("is one's own once it was asked for", () => {
    place.set({ map: "1,2,3" });
    expect(place.linked).toBe(true);
    place.go("search", { q: "ZZT1234" });
    expect(place.linked).toBe(false);
  });

  it("is none that somebody comes back to after signing in", () => {
    place.linked = false;
    place.leave("ana");
    location.hash = "";
    place.start();
    place.back("ana", "live");
    expect([place.get("q"), place.linked]).toEqual(["ZZT1234", false]);
  });

  it("is none of whoever finds another's", () => {
    place.back("ana", "live");
    place.back("omar", "sources");
    expect(place.linked).toBe(false);
  });
});
