// What the desk holds, as GeoJSON for the map's sources.
import type { Asset, Point } from "../api";
import { circle, pointOf, wedge } from "../lib/geo";
import { ofAsset } from "../lib/selection";
import type { Mark, ReaderMark } from "./desk.svelte";
import { toneColour, type Palette } from "./palette";

type Collection = GeoJSON.FeatureCollection;

const DEFAULT_REACH_M = 60;
const DEFAULT_ANGLE = 90;
/** Below this the circle would be no larger than the symbol. */
const SHOWN_ERROR_M = 30;

const collection = (features: GeoJSON.Feature[]): Collection => ({ type: "FeatureCollection", features });

function feature(geometry: GeoJSON.Geometry, properties: Record<string, unknown>): GeoJSON.Feature {
  return { type: "Feature", geometry, properties };
}

const at = (point: Point, properties: Record<string, unknown>): GeoJSON.Feature =>
  feature({ type: "Point", coordinates: point }, properties);

export function marks(all: Mark[], urgent: boolean): Collection {
  const wanted = all.filter((mark) => mark.fresh > 0 && (mark.tone === "red") === urgent);
  return collection(
    wanted.map(({ id, point, shape, tone, fresh }) => at(point, { id, tone, fresh, icon: `${shape}-${tone}` })),
  );
}

export const readers = (all: ReaderMark[]): Collection =>
  collection(all.map(({ id, point, count, fresh }) => at(point, { id, fresh, count: count ? String(count) : "" })));

export function cameras(all: Asset[]): Collection {
  return collection(
    all.flatMap((camera) => {
      const point = pointOf(camera);
      const down = camera.status === "offline" || camera.status === "degraded";
      return point ? [at(point, { id: ofAsset(camera), down })] : [];
    }),
  );
}

/** Uncertain places as circles, camera views as wedges. */
export function areas(all: Mark[], viewing: Asset[], colours: Palette): Collection {
  return collection([...viewing.flatMap((camera) => view(camera, colours)), ...all.flatMap((mark) => doubt(mark, colours))]);
}

function view(camera: Asset, colours: Palette): GeoJSON.Feature[] {
  const point = pointOf(camera);
  const seen = camera.field_of_view;
  if (!point || !seen) return [];
  const ring = wedge(point, seen.heading_deg, seen.angle_deg ?? DEFAULT_ANGLE, seen.range_m ?? DEFAULT_REACH_M);
  return [feature({ type: "Polygon", coordinates: [ring] }, { colour: colours.blue, strength: 0.14 })];
}

function doubt(mark: Mark, colours: Palette): GeoJSON.Feature[] {
  if (!mark.error || mark.error < SHOWN_ERROR_M || !mark.fresh) return [];
  const colour = toneColour(mark.tone, colours);
  return [feature({ type: "Polygon", coordinates: [circle(mark.point, mark.error)] }, { colour, strength: 0.1 * mark.fresh })];
}

export const path = (points: Point[]): Collection =>
  collection(points.length > 1 ? [feature({ type: "LineString", coordinates: points }, {})] : []);

export const pointed = (hover: Point | null, selected: Point | null): Collection =>
  collection([
    ...(hover ? [at(hover, { selected: false })] : []),
    ...(selected ? [at(selected, { selected: true })] : []),
  ]);

export const names = (all: [Point, string][]): Collection => collection(all.map(([point, label]) => at(point, { label })));
