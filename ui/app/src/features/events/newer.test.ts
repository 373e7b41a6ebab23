import { expect, it } from "vitest";
import type { Summary } from "../../api";
import { newerThan } from "./newer";

const state = (seq: number): Summary => ({ seq, subject: "call/A" }) as Summary;
const board = { calls: new Map([["call/A", state(9)]]), gunshots: new Map<string, Summary>() };

it("knows that a call has moved on", () => {
  expect(newerThan(state(4), board)?.seq).toBe(9);
});

it("says nothing of the latest state, of other things, and of what has no subject", () => {
  expect(newerThan(state(9), board)).toBeNull();
  expect(newerThan({ subject: "call/B", seq: 1 }, board)).toBeNull();
  expect(newerThan({ subject: null, seq: 1 }, board)).toBeNull();
});
