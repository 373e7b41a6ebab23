// The theme's tokens as colours for WebGL; read again when the theme changes.

const NAMES = [
  "map-ground", "map-area", "map-water", "map-minor", "map-major", "map-label", "map-halo",
  "unit", "red", "amber", "blue", "green", "faint", "edge", "text", "surface",
] as const;

export type Palette = Record<(typeof NAMES)[number], string>;

export function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Palette;
}

export function rgb(hex: string): [number, number, number] {
  const value = parseInt(hex.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}
