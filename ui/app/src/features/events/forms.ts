import type { Kind } from "../../api";
import type { Form } from "../../parts/Glyph.svelte";

const forms: Partial<Record<Kind, Form>> = {
  call: "call",
  gunshot: "gunshot",
  hit: "alert",
  read: "read",
  unit: "unit",
  vehicle: "unit",
  camera: "camera",
  "911": "call",
  alarm: "octagon",
};

/** The shape that a kind of event has on the map and in lists. */
export const formOf = (kind: Kind): Form => forms[kind] ?? "event";
