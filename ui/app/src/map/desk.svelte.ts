// What the desk shows: pages write it, the map draws it. Neither knows the other.
import type { Asset, Point } from "../api";
import type { Tone } from "../lib/words";

export type Shape = "call" | "gunshot" | "alert" | "read" | "event";

export type Mark = {
  /** Selection id, see lib/selection.ts. */
  id: string;
  point: Point;
  shape: Shape;
  tone: Tone;
  /** 1 fresh … 0 gone. */
  fresh: number;
  /** Radius in metres that the place is only known to. */
  error?: number | null;
  label: string;
};

export type ReaderMark = { id: string; point: Point; label: string; count: number; fresh: number };

export type Layer = "calls" | "units" | "vehicles" | "gunshots" | "alerts" | "cameras" | "reads";

/** A moment on the time line. */
export type Moment = { at: number; tone: Tone };

export type Missing = { start: number; end: number; what: string };

export type Focus =
  | { point: Point; zoom?: number }
  | { bounds: [west: number, south: number, east: number, north: number] };

class Desk {
  marks = $state.raw<Mark[]>([]);
  /** A plate's way, oldest first. */
  path = $state.raw<Point[]>([]);
  readers = $state.raw<ReaderMark[]>([]);
  cameras = $state.raw<Asset[]>([]);
  /** Cameras of the open event or alert: their view is drawn at any zoom. */
  near = $state.raw<Asset[]>([]);
  show = $state.raw(new Set<Layer>());
  hover = $state<string | null>(null);
  focus = $state.raw<Focus | null>(null);
  /** Where the selected thing is, when no layer draws it. */
  selected = $state.raw<Point | null>(null);

  times = $state.raw<Moment[]>([]);
  /** What the time line spans, in ms since 1970. */
  range = $state.raw<[from: number, to: number]>([0, 1]);
  missing = $state.raw<Missing[]>([]);

  look(focus: Focus): void {
    this.focus = focus;
  }
}

export const desk = new Desk();
