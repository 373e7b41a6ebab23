import { describe, expect, it } from "vitest";
import { BUSY, VEHICLE, type Frame } from "../live/positions";
import { crowd, fill, FLOATS } from "./moving";

const frame: Frame = {
  count: 3,
  places: Float64Array.of(-90, 30, -90.01, 30, -90.02, 30),
  courses: Float32Array.of(90, NaN, 0),
  times: Float64Array.of(1_000, 2_000, 3_000),
  looks: Uint8Array.of(BUSY, VEHICLE, 0),
  labels: [],
};

function filled(): { vehicles: number; row: (at: number) => number[] } {
  const floats = new Float32Array(frame.count * FLOATS);
  const vehicles = fill(floats, frame, [-90, 30], 500);
  return { vehicles, row: (at) => [...floats.subarray(at * FLOATS, (at + 1) * FLOATS)] };
}

describe("the buffer that is drawn", () => {
  it("has vehicles first, so that units are drawn over them", () => {
    const { vehicles, row } = filled();
    expect(vehicles).toBe(1);
    expect(row(0)[4]).toBe(1_500); // the only vehicle's time, since the epoch
    expect([row(1)[4], row(2)[4]].sort()).toEqual([2_500, 500]);
  });

  it("says a course as cosine and sine, and an unknown one as neither", () => {
    const { row } = filled();
    expect(row(0).slice(2, 4)).toEqual([0, 0]);
    expect(row(2)[2]).toBeCloseTo(0);
    expect(row(2)[3]).toBeCloseTo(1);
  });

  it("is relative to the city's middle", () => {
    expect(filled().row(2).slice(0, 2)).toEqual([0, 0]);
  });
});

describe("a vehicle's size", () => {
  it("shrinks when there are thousands, and grows again near by", () => {
    expect(crowd(100, 12)).toBe(crowd(10_000, 17));
    expect(crowd(10_000, 12)).toBeLessThan(crowd(10_000, 15));
    expect(crowd(10_000, 15)).toBeLessThan(crowd(100, 15));
  });
});
