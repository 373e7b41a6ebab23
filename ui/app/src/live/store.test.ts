import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { FromWorker } from "./protocol";
import { live } from "./store.svelte";

let worker: { onmessage: (message: { data: FromWorker }) => void };
const call = (seq: number) => ({ seq, id: `e-${seq}`, kind: "call", subject: `call/${seq}`, time: "2026-11-23T06:00:00Z" });
const board = (...seqs: number[]) =>
  worker.onmessage({ data: { type: "board", board: { seq: 1, now: "2026-11-23T06:00:00Z", calls: seqs.map(call), gunshots: [], recent: [], reads: { total: 0, since: 0, per_reader: {} }, alerts: { new: 0 }, sources: [] } } as unknown as FromWorker });
const seqs = () => live.feed.map(({ seq }) => seq).toSorted();

class Worked {
  onmessage = () => undefined;
  constructor() {
    worker = this as unknown as typeof worker;
  }
  postMessage(): void {}
  terminate(): void {}
}

beforeEach(() => {
  vi.stubGlobal("Worker", Worked);
  vi.stubGlobal("document", { hidden: false });
  vi.stubGlobal("requestAnimationFrame", (work: () => void) => work());
  vi.stubGlobal("fetch", vi.fn(() => new Promise(() => undefined)));
});
afterEach(() => {
  live.stop();
  vi.unstubAllGlobals();
});

it("begins with the board beside what was fetched before it came", () => {
  live.feed = [call(1)] as typeof live.feed;
  live.start(["data:live", "alerts:read"]);
  board(2);
  expect(seqs()).toEqual([1, 2]);
  expect(live.restarts).toBe(0);
});

it("keeps nothing of before where the board is taken anew: less may be shown now", () => {
  live.start(["data:live", "alerts:read"]);
  board(2, 3);
  live.putAlerts([{ id: 7, state: "new" }] as Parameters<typeof live.putAlerts>[0]);
  board(3);
  expect(seqs()).toEqual([3]);
  expect(live.alerts.size).toBe(0);
  expect(live.inbox.value).toBeNull();
  expect(live.restarts).toBeGreaterThan(0);
});
