// Small geometry on a sphere that is flat for a few kilometres.
import type { Asset, Point } from "../api/types";

const M_PER_DEG = 111_320;

/** The point some metres away in a direction from true north. */
export function offset([lon, lat]: Point, bearing: number, distance: number): Point {
  const angle = (bearing * Math.PI) / 180;
  const east = Math.sin(angle) * distance;
  const north = Math.cos(angle) * distance;
  return [lon + east / (M_PER_DEG * Math.cos((lat * Math.PI) / 180)), lat + north / M_PER_DEG];
}

export function circle(centre: Point, radius: number, steps = 40): Point[] {
  return Array.from({ length: steps + 1 }, (_, i) => offset(centre, (i * 360) / steps, radius));
}

/** What a camera sees, as a closed ring: the camera, the arc at its reach, the camera. */
export function wedge(centre: Point, heading: number, angle: number, range: number): Point[] {
  const steps = Math.max(2, Math.ceil(angle / 8));
  const arc = Array.from({ length: steps + 1 }, (_, i) =>
    offset(centre, heading - angle / 2 + (angle * i) / steps, range),
  );
  return angle >= 360 ? arc : [centre, ...arc, centre];
}

export function pointOf(asset: Asset): Point | null {
  return asset.geometry?.type === "Point" ? (asset.geometry.coordinates as Point) : null;
}

/** West, south, east, north of some points; null for none. */
export function boundsOf(points: Point[]): [number, number, number, number] | null {
  if (!points.length) return null;
  const lons = points.map((p) => p[0]);
  const lats = points.map((p) => p[1]);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
