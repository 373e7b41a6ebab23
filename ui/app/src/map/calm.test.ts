import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { calmed } from "./calm";

describe("a calmed map", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("draws the first at once, and all that comes soon after together", () => {
    const draw = vi.fn(() => calm.drawn());
    const calm = calmed(draw, 250);
    for (let i = 0; i < 10; i++) calm.ask();
    expect(draw).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(249);
    expect(draw).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(draw).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(1000);
    expect(draw).toHaveBeenCalledTimes(2);
  });

  it("draws at once when it rested for long", () => {
    const draw = vi.fn(() => calm.drawn());
    const calm = calmed(draw, 250);
    calm.ask();
    vi.advanceTimersByTime(250);
    calm.ask();
    expect(draw).toHaveBeenCalledTimes(2);
  });

  it("lets what comes first go first, but not for ever", () => {
    const draw = vi.fn(() => calm.drawn());
    const calm = calmed(draw, 250);
    calm.ask();
    vi.advanceTimersByTime(200);
    calm.later();
    calm.ask();
    vi.advanceTimersByTime(249);
    expect(draw).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    expect(draw).toHaveBeenCalledTimes(2);
    calm.ask();
    for (let i = 0; i < 30; i++) {
      calm.later();
      vi.advanceTimersByTime(100);
    }
    expect(draw).toHaveBeenCalledTimes(3);
  });
});
