import { describe, expect, it } from "vitest";
import type { Session } from "../api/session";
import { endsSoon, phaseOf } from "./signed";
import { MINUTE } from "./time";

const NOW = Date.parse("2026-11-23T03:00:00Z");
const at = (minutes: number) => new Date(NOW + minutes * MINUTE).toISOString();
const who = (more: Partial<Session> = {}): Session => ({
  person: "ana", name: "Ana Ruiz", agency: "A", roles: ["analyst"], permissions: [], state: "open",
  banner: null, request: null, locks: at(30), ends: at(720), wall: false, break_glass: null, ...more,
});

describe("what stands between a person and the console", () => {
  it("is nothing for an open session whose banner was read", () => {
    expect(phaseOf(who(), NOW)).toBe("in");
  });

  it("is signing in where nobody is", () => {
    expect(phaseOf(null, NOW)).toBe("out");
  });

  it("is the banner until it was acknowledged, and the lock before it", () => {
    expect(phaseOf(who({ banner: "Read me" }), NOW)).toBe("banner");
    expect(phaseOf(who({ banner: "Read me", state: "locked" }), NOW)).toBe("locked");
  });

  it("is the lock once nobody was there for long enough, without the hub's word", () => {
    expect(phaseOf(who(), NOW + 30 * MINUTE - 1)).toBe("in");
    expect(phaseOf(who(), NOW + 30 * MINUTE)).toBe("locked");
  });

  it("locks no wall screen for idling, and every screen when a fresh sign-in is due", () => {
    expect(phaseOf(who({ wall: true }), NOW + 60 * MINUTE)).toBe("in");
    expect(phaseOf(who({ wall: true }), NOW + 720 * MINUTE)).toBe("locked");
  });
});

it("announces a fresh sign-in a quarter of an hour ahead", () => {
  expect(endsSoon(who({ ends: at(16) }), NOW)).toBe(false);
  expect(endsSoon(who({ ends: at(15) }), NOW)).toBe(true);
});
