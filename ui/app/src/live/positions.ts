// Where every unit and vehicle is, in typed arrays: 10,000 of them a second must cost no more than
// a copy. Runs in the stream's worker; a frame's buffers are handed over, not cloned.
import type { Position } from "../api/types";

export type Label = { key: string; label: string; kind: "unit" | "vehicle"; status: string | null; synthetic: boolean };

/** One picture of all positions. Slot i of each array is the same thing; `labels` holds what is new. */
export type Frame = {
  count: number;
  places: Float64Array; // longitude, latitude
  courses: Float32Array; // degrees from true north, NaN when not known
  times: Float64Array; // ms since 1970
  looks: Uint8Array; // bit 0: vehicle, not unit; bit 1: busy
  labels: [slot: number, label: Label][];
};

export const VEHICLE = 1;
export const BUSY = 2;

const FREE = new Set(["available", "off duty", "offduty", "out of service", ""]);

export class PositionTable {
  #slots = new Map<string, number>();
  #places = new Float64Array(512);
  #courses = new Float32Array(256);
  #times = new Float64Array(256);
  #looks = new Uint8Array(256);
  #labels: Label[] = [];
  #fresh = new Set<number>();
  #dirty = false;

  get size(): number {
    return this.#labels.length;
  }

  /** A later position replaces an earlier one; one that comes late is dropped. */
  put(positions: Position[]): void {
    for (const position of positions) this.#putOne(position);
  }

  /** What to draw now, or null when nothing moved since the last frame. */
  frame(): Frame | null {
    if (!this.#dirty) return null;
    this.#dirty = false;
    const count = this.#labels.length;
    const labels = [...this.#fresh].map((slot): [number, Label] => [slot, this.#labels[slot]!]);
    this.#fresh.clear();
    return {
      count,
      places: this.#places.slice(0, count * 2),
      courses: this.#courses.slice(0, count),
      times: this.#times.slice(0, count),
      looks: this.#looks.slice(0, count),
      labels,
    };
  }

  #putOne([key, label, lon, lat, course, , time, kind, status, synthetic]: Position): void {
    const slot = this.#slots.get(key) ?? this.#add(key);
    if (time < this.#times[slot]!) return;
    this.#places[slot * 2] = lon;
    this.#places[slot * 2 + 1] = lat;
    this.#courses[slot] = course ?? NaN;
    this.#times[slot] = time;
    this.#looks[slot] = (kind === "vehicle" ? VEHICLE : 0) | (isBusy(status) ? BUSY : 0);
    this.#name(slot, { key, label, kind, status, synthetic });
    this.#dirty = true;
  }

  #name(slot: number, label: Label): void {
    const known = this.#labels[slot];
    if (known && known.label === label.label && known.status === label.status) return;
    this.#labels[slot] = label;
    this.#fresh.add(slot);
  }

  #add(key: string): number {
    const slot = this.#slots.size;
    this.#slots.set(key, slot);
    if (slot >= this.#times.length) this.#grow();
    return slot;
  }

  #grow(): void {
    const size = this.#times.length * 2;
    this.#places = grown(this.#places, new Float64Array(size * 2));
    this.#courses = grown(this.#courses, new Float32Array(size));
    this.#times = grown(this.#times, new Float64Array(size));
    this.#looks = grown(this.#looks, new Uint8Array(size));
  }
}

function grown<T extends Float64Array | Float32Array | Uint8Array>(old: T, made: T): T {
  made.set(old);
  return made;
}

function isBusy(status: string | null): boolean {
  return status !== null && !FREE.has(status.toLowerCase());
}
