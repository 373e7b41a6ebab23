import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Session } from "../api/session";
import { every } from "./every";
import { session } from "./session.svelte";

const LATER = "2999-01-01T00:00:00Z";
const signedIn = (state: "open" | "locked") => (session.who = { person: "ana", state, locks: LATER, ends: LATER, banner: null } as Session);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("asks while the screen is open, and not while it is locked", () => {
  const ask = vi.fn();
  signedIn("open");
  const stop = every(1000, ask);
  vi.advanceTimersByTime(2000);
  expect(ask).toHaveBeenCalledTimes(2);
  signedIn("locked");
  vi.advanceTimersByTime(60_000);
  expect(ask).toHaveBeenCalledTimes(2);
  signedIn("open");
  vi.advanceTimersByTime(1000);
  stop();
  vi.advanceTimersByTime(60_000);
  expect(ask).toHaveBeenCalledTimes(3);
});
