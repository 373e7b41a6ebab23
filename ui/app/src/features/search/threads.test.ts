import { expect, it } from "vitest";
import type { Summary } from "../../api";
import { rowsOf, threadsOf } from "./threads";

const hit = (seq: number, kind: Summary["kind"], subject: string | null, at = "21:00:00"): Summary => ({
  seq, kind, subject, id: `e-${seq}`, source: "cad", time: `2026-05-02T${at}Z`, recorded: "", headline: "", status: null, priority: null,
  point: null, error_m: null, heading_deg: null, speed_mps: null, handling: "agency", synthetic: true,
});
const seqs = (events: Summary[]) => events.map((event) => event.seq);

it("puts the states of one call together, the latest on top", () => {
  const threads = threadsOf([hit(3, "call", "call/A", "21:05:00"), hit(2, "call", "call/B", "21:03:00"), hit(1, "call", "call/A", "21:01:00")]);
  expect(seqs(threads.map((thread) => thread.head))).toEqual([3, 2]);
  expect(seqs(threads[0]!.earlier)).toEqual([1]);
});

it("takes a later word on the same moment as the later state", () => {
  const [thread] = threadsOf([hit(4, "gunshot", "gunshot/1"), hit(9, "gunshot", "gunshot/1")]);
  expect(thread!.head.seq).toBe(9);
});

it("keeps sightings apart, and calls of the same number at two desks", () => {
  expect(threadsOf([hit(1, "read", "plate/ZZT1234"), hit(2, "read", "plate/ZZT1234")])).toHaveLength(2);
  expect(threadsOf([hit(1, "call", "call/A"), { ...hit(2, "call", "call/A"), source: "other" }])).toHaveLength(2);
  expect(threadsOf([hit(1, "call", null), hit(2, "call", null)])).toHaveLength(2);
});

it("shows earlier states under their thread when it is open", () => {
  const threads = threadsOf([hit(3, "call", "call/A", "21:05:00"), hit(2, "call", "call/B", "21:03:00"), hit(1, "call", "call/A", "21:01:00")]);
  expect(seqs(rowsOf(threads, () => false).map((row) => row.event))).toEqual([3, 2]);
  const rows = rowsOf(threads, (thread) => thread.key === "cad/call/call/A");
  expect(rows.map((row) => [row.event.seq, row.head])).toEqual([[3, true], [1, false], [2, true]]);
});
