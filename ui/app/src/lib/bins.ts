// Moments counted into equal stretches, by tone.
import type { Tone } from "./words";

export type Bin = Record<Tone, number> & { total: number };

const empty = (): Bin => ({ red: 0, amber: 0, blue: 0, green: 0, grey: 0, total: 0 });

export function binned(moments: { at: number; tone: Tone }[], [from, to]: [number, number], count: number): Bin[] {
  const bins = Array.from({ length: count }, empty);
  for (const { at, tone } of moments) {
    const bin = bins[Math.floor(((at - from) / (to - from)) * count)];
    if (!bin) continue;
    bin[tone]++;
    bin.total++;
  }
  return bins;
}

const STEPS_MIN = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 43200];

/** Round times for an axis, at most `most` of them. */
export function ticks([from, to]: [number, number], most: number): number[] {
  const wanted = (to - from) / most / 60_000;
  const step = (STEPS_MIN.find((minutes) => minutes >= wanted) ?? Math.ceil(wanted)) * 60_000;
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at < to; at += step) found.push(at);
  return found;
}
