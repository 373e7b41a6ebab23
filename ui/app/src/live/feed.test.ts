import { expect, it } from "vitest";
import type { Kind, Summary } from "../api/types";
import { grouped, merged } from "./feed";

const event = (seq: number, kind: Kind, subject: string | null, call: string | null = null): Summary => ({
  seq, id: `e${seq}`, source: "cad", kind, subject, call,
  time: new Date(seq * 1000).toISOString(), recorded: "", headline: `${kind} ${seq}`, status: null, priority: null,
  point: null, error_m: null, heading_deg: null, speed_mps: null, handling: "agency", synthetic: true,
});

it("puts what is tied to a call into the call's group, headed by the call itself", () => {
  const groups = grouped([
    event(4, "unit", "unit/B1", "F-1"), event(3, "gunshot", "incident/G"), event(2, "call", "call/F-1"), event(1, "call", "call/F-1"),
  ]);
  expect(groups.map((group) => group.key)).toEqual(["F-1", "incident/G"]);
  expect(groups[0]!.head.seq).toBe(2);
  expect(groups[0]!.events).toHaveLength(3);
});

it("keeps events without a subject apart", () => {
  expect(grouped([event(2, "camera", null), event(1, "camera", null)])).toHaveLength(2);
});

it("merges newest first, each event once, within its limit", () => {
  const old = [event(3, "call", "call/a"), event(1, "call", "call/a")];
  const all = merged(old, [event(2, "call", "call/b"), event(3, "call", "call/a"), event(4, "call", "call/c")], 3);
  expect(all.map((one) => one.seq)).toEqual([4, 3, 2]);
  expect(merged(old, [event(1, "call", "call/a")], 3)).toBe(old);
});
