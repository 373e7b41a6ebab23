import { afterEach, expect, it, vi } from "vitest";
import { ask, open, Problem, remedy } from "./client";

const refused = (code: string, status = 403) => new Response(JSON.stringify({ error: { code, detail: "No.", remedy: "Do it." } }), { status });
const answers = (...all: Response[]) => vi.stubGlobal("fetch", vi.fn(async () => all.shift()!));

afterEach(() => vi.unstubAllGlobals());

it("sends with every call what a page of another site cannot send", async () => {
  answers(Response.json({}), Response.json({}));
  await ask("/hub");
  await ask("/session/lock", { method: "POST", body: {} });
  for (const [, init] of vi.mocked(fetch).mock.calls) expect(init!.headers).toMatchObject({ "Watchfloor-Request": "1" });
});

it("asks again by itself what a person has put right", async () => {
  const state = vi.fn(async () => true);
  remedy("purpose_needed", state);
  answers(refused("purpose_needed"), Response.json({ found: 41 }));
  expect(await ask("/search")).toEqual({ found: 41 });
  expect(state).toHaveBeenCalledOnce();
});

it("says what the hub said where nobody put it right", async () => {
  remedy("purpose_needed", async () => false);
  answers(refused("purpose_needed"));
  await expect(ask("/search")).rejects.toEqual(new Problem("purpose_needed", "No.", "Do it.", 403));
  expect(fetch).toHaveBeenCalledOnce();
});

it("passes on what nobody can put right on the spot", async () => {
  answers(refused("case_needed"));
  await expect(ask("/search")).rejects.toMatchObject({ code: "case_needed", remedy: "Do it." });
});

it("names the question that a second person was asked", async () => {
  answers(Response.json({ error: { code: "supervisor_needed", detail: "No.", remedy: "Wait.", approval: "A-0123456789ab" } }, { status: 403 }));
  await expect(open("/search")).rejects.toMatchObject({ code: "supervisor_needed", approval: "A-0123456789ab" });
});
