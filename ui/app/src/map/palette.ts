// The theme's tokens as colours for WebGL; read again when the theme changes.

import type { Tone } from "../lib/words";

const NAMES = [
  "map-ground", "map-area", "map-water", "map-minor", "map-major", "map-label", "map-halo",
  "unit", "red", "amber-fill", "blue", "green", "faint", "edge", "text", "surface",
] as const;

export type Palette = Record<(typeof NAMES)[number], string>;

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Palette;
}

/** What a symbol of this tone is filled with. */
export function toneColour(tone: Tone, colours: Palette): string {
  if (tone === "grey") return colours.edge;
  return tone === "amber" ? colours["amber-fill"] : colours[tone];
}

export function rgb(hex: string): [number, number, number] {
  const value = parseInt(hex.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}
