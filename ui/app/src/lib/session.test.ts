import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { read, type Session } from "../api/session";
import { session } from "./session.svelte";

const assign = vi.fn();

beforeEach(() => {
  vi.stubGlobal("location", { hash: "#/search?q=ZZT1234", assign });
  vi.stubGlobal("history", { replaceState: vi.fn() });
  vi.stubGlobal("sessionStorage", { getItem: () => null, setItem: vi.fn(), removeItem: vi.fn() });
  session.who = { person: "ana" } as Session;
});
afterEach(() => {
  vi.unstubAllGlobals();
  assign.mockClear();
});

it("takes the screen away from whoever signs out, also where the hub does not answer, and ends the session once it does", async () => {
  const hub = vi.fn().mockRejectedValueOnce(new TypeError("offline")).mockResolvedValueOnce(Response.json({ url: null }));
  vi.stubGlobal("fetch", hub);
  await session.leave();
  expect(session.who).toBeNull();
  expect(session.problem?.detail).toContain("not signed out");
  expect(assign).not.toHaveBeenCalled();
  await session.start();
  expect(hub).toHaveBeenLastCalledWith("/api/v1/session", expect.objectContaining({ method: "DELETE" }));
  expect(assign).toHaveBeenCalledWith("/");
});

it("goes on where a window beside was given a new cookie meanwhile", async () => {
  const refused = () => Response.json({ error: { code: "not_signed_in", detail: "Nobody is signed in here.", remedy: "" } }, { status: 401 });
  const ana = { person: "ana", state: "open" };
  const hub = vi.fn(async () => Response.json(ana));
  vi.stubGlobal("fetch", hub);
  vi.stubGlobal("location", { hash: "#/sign-in-failed/no_role", search: "", assign });
  session.begin();
  await vi.waitFor(() => expect(hub).toHaveBeenCalled());
  session.who = ana as Session;
  hub.mockImplementationOnce(async () => refused());
  expect(await read()).toEqual(ana);
  expect(session.who).toEqual(ana);
  hub.mockImplementation(async () => refused());
  await expect(read()).rejects.toThrow("Nobody");
  expect(session.who).toBeNull();
});

it("is as good as signed out where the session has ended before", async () => {
  vi.stubGlobal("fetch", vi.fn(async () => Response.json({ error: { code: "not_signed_in", detail: "Nobody is signed in here.", remedy: "" } }, { status: 401 })));
  await session.leave();
  expect(assign).toHaveBeenCalledWith("/");
});
