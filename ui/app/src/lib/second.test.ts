import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Problem } from "../api/client";
import { clock } from "../live/clock.svelte";
import { place } from "./place.svelte";
import { SecondPeople } from "./second.svelte";
import { toasts } from "./toasts.svelte";

const ID = "A-0123456789ab";
const HOUR = 3_600_000;
const problem = new Problem("second_person_needed", "It takes two.", "Ask again once they have answered.", 403, ID);
const standing = (answer: string | null, more: object = {}) =>
  Response.json({ id: ID, subject: "settings", what: "Remove a source: lpr", answer, answerer: answer && "sam", people: { sam: "Sam Okafor" }, note: "", expires: new Date(clock.now + HOUR).toISOString(), ...more });
const answers = (...all: Response[]) => vi.stubGlobal("fetch", vi.fn(async () => all.shift()!));

beforeEach(() => {
  clock.set("2026-11-23T06:00:00Z", "UTC");
  toasts.all = [];
});
afterEach(() => vi.unstubAllGlobals());

it("goes on once they have agreed, and shows meanwhile what waits", async () => {
  const people = new SecondPeople();
  let agree: (answer: Response) => void = () => undefined;
  const later = new Promise<Response>((resolve) => (agree = resolve));
  vi.stubGlobal("fetch", vi.fn().mockResolvedValueOnce(standing(null)).mockReturnValueOnce(later));
  const both = [people.agreed(problem), people.agreed(problem)];
  await vi.waitFor(() => expect(people.waiting.map(({ approval }) => approval.what)).toEqual(["Remove a source: lpr"]));
  agree(standing("granted"));
  expect(await Promise.all(both)).toEqual([true, true]);
  expect(people.waiting).toEqual([]);
});

it("tells a no from nobody's answer", async () => {
  answers(standing("declined", { note: "Not tonight" }));
  await expect(new SecondPeople().agreed(problem)).rejects.toMatchObject({ code: "second_person_declined", detail: "Sam Okafor did not agree: Not tonight" });
  answers(standing(null, { expires: new Date(clock.now - 1).toISOString() }));
  await expect(new SecondPeople().agreed(problem)).rejects.toMatchObject({ code: "second_person_silent" });
});

const hung = (_: string, { signal }: RequestInit) => new Promise((_done, fail) => signal!.addEventListener("abort", () => fail(new DOMException("", "AbortError"))));

it("waits no longer than somebody wants it to", async () => {
  const people = new SecondPeople();
  vi.stubGlobal("fetch", vi.fn().mockResolvedValueOnce(standing(null)).mockImplementation(hung));
  const answer = people.agreed(problem);
  await vi.waitFor(() => expect(people.waiting).toHaveLength(1));
  people.waiting[0]!.stop();
  await expect(answer).rejects.toMatchObject({ code: "second_person_waits" });
  expect(toasts.all).toEqual([]);
});

/** Asked on the search page, which is left before the second person has answered. */
async function left(people: SecondPeople, later: Response) {
  place.named = "search";
  place.params = new URLSearchParams({ q: "kind:read" });
  let answered: (answer: Response) => void = () => undefined;
  vi.stubGlobal("fetch", vi.fn().mockResolvedValueOnce(standing(null)).mockReturnValueOnce(new Promise((answer) => (answered = answer))));
  const abort = new AbortController();
  const answer = people.agreed(problem, abort.signal);
  await vi.waitFor(() => expect(people.waiting).toHaveLength(1));
  abort.abort();
  await expect(answer).rejects.toMatchObject({ code: "second_person_waits" });
  expect(people.waiting).toHaveLength(1);
  place.named = "alerts";
  answered(later);
  await vi.waitFor(() => expect(people.waiting).toEqual([]));
}

it("says that they have agreed, and where it opens, to whoever has gone elsewhere meanwhile", async () => {
  await left(new SecondPeople(), standing("granted"));
  await vi.waitFor(() => expect(toasts.all).toMatchObject([{ text: "Sam Okafor agreed: Remove a source: lpr", leads: { page: "search", params: { q: "kind:read" } } }]));
});

it("says a no to them, too", async () => {
  await left(new SecondPeople(), standing("declined", { note: "Not tonight" }));
  await vi.waitFor(() => expect(toasts.all).toMatchObject([{ text: expect.stringContaining("Sam Okafor did not agree: Not tonight") }]));
});

it("tells nothing twice to whoever is still there", async () => {
  answers(standing("granted"));
  expect(await new SecondPeople().agreed(problem)).toBe(true);
  expect(toasts.all).toEqual([]);
});

it("leaves what names no question to whoever asked", async () => {
  expect(await new SecondPeople().agreed(new Problem("supervisor_needed", "So far.", "Narrow it."))).toBe(false);
});
