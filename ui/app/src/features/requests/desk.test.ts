import { afterEach, expect, it, vi } from "vitest";
import type { Session } from "../../api/session";
import { session } from "../../lib/session.svelte";
import { requestDesk } from "./desk.svelte";

const A = "R-26-000001";
const B = "R-26-000002";

/** Who is signed in works on this one now. */
function workOn(request: string | null): void {
  session.who = { person: "ana", request } as Session;
}

afterEach(async () => {
  vi.unstubAllGlobals();
  workOn(null);
  await requestDesk.follow(null);
});

it("names a request that cannot be read: what is asked is still asked for it", async () => {
  vi.stubGlobal("fetch", vi.fn(async () => Response.json({}, { status: 503 })));
  workOn(A);
  await requestDesk.follow(A);
  expect(requestDesk.unread).toBe(A);
});

it("reads it when it is asked for again", async () => {
  vi.stubGlobal("fetch", vi.fn().mockResolvedValueOnce(Response.json({}, { status: 503 })).mockResolvedValueOnce(Response.json({ id: A })));
  workOn(A);
  await requestDesk.follow(A);
  await requestDesk.follow(A);
  expect([requestDesk.current?.id, requestDesk.unread]).toEqual([A, null]);
});

it("shows what is worked on, however late the answer about what was before", async () => {
  let late: (answer: Response) => void = () => undefined;
  vi.stubGlobal("fetch", vi.fn().mockReturnValueOnce(new Promise((answer) => (late = answer))).mockResolvedValueOnce(Response.json({ id: B })));
  workOn(A);
  const first = requestDesk.follow(A);
  workOn(B);
  await requestDesk.follow(B);
  late(Response.json({ id: A }));
  await first;
  expect(requestDesk.current?.id).toBe(B);
});

it("shows nothing of the one before while the next is read", async () => {
  vi.stubGlobal("fetch", vi.fn().mockResolvedValueOnce(Response.json({ id: A })).mockReturnValueOnce(new Promise(() => undefined)));
  workOn(A);
  await requestDesk.follow(A);
  workOn(B);
  void requestDesk.follow(B);
  expect(requestDesk.current).toBeNull();
});
