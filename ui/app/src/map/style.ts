// Our own map style: the agency's geometry in the theme's greys, roads by width. No tiles, glyphs
// or sprites from outside: labels are rasterised from the page's own font.
import type { ExpressionSpecification, GeoJSONSourceSpecification, LayerSpecification, StyleSpecification, SymbolLayerSpecification } from "maplibre-gl";
import { hub } from "../api";
import type { Palette } from "./palette";

/** The layer of units and vehicles. */
export const MOVING = "moving";

const FONT = ["Inter Variable"];
const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

export type Group = { layers: LayerSpecification[]; beneath?: string };
type Layout = NonNullable<SymbolLayerSpecification["layout"]>;

const is = (name: string, value: string): ExpressionSpecification => ["==", ["get", name], value];

const width = (...stops: number[]): ExpressionSpecification =>
  ["interpolate", ["exponential", 1.6], ["zoom"], ...stops] as unknown as ExpressionSpecification;

const geojson = (more: object = {}): GeoJSONSourceSpecification => ({ type: "geojson", data: EMPTY, ...more });

const TONE_RANK: ExpressionSpecification = [
  "match", ["get", "tone"], "red", 3, "amber", 2, "blue", 1, 0,
];

// By its address: MapLibre's worker fetches and parses it, and the page never sees it.
const basemap = geojson({ data: hub.BASEMAP, tolerance: 0.5 });

export const sources: Record<string, GeoJSONSourceSpecification> = {
  cameras: geojson({ cluster: true, clusterRadius: 64, clusterMaxZoom: 13 }),
  marks: geojson({ cluster: true, clusterRadius: 16, clusterMaxZoom: 12, clusterProperties: { rank: ["max", TONE_RANK] } }),
  urgent: geojson(),
  readers: geojson(),
  areas: geojson(),
  path: geojson({ lineMetrics: true }),
  pointed: geojson(),
  names: geojson(),
};

/** Below it is the page's own ground: a layer for it would be a pass over every pixel. */
function ground(c: Palette): LayerSpecification[] {
  return [
    { id: "area", type: "fill", source: "basemap", filter: is("layer", "area"), paint: { "fill-color": c["map-area"] } },
    { id: "water", type: "fill", source: "basemap", filter: is("layer", "water"), paint: { "fill-color": c["map-water"] } },
    road("minor", c["map-minor"], width(10, 0.2, 13, 0.9, 16, 5, 19, 22)),
    road("major", c["map-major"], width(9, 0.6, 13, 2.2, 16, 8, 19, 30)),
  ];
}

function road(name: "minor" | "major", colour: string, thick: ExpressionSpecification): LayerSpecification {
  const major = is("class", "major");
  return {
    id: `road-${name}`,
    type: "line",
    source: "basemap",
    filter: ["all", is("layer", "street"), name === "major" ? major : ["!", major]],
    minzoom: name === "minor" ? 11 : 0,
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": colour, "line-width": thick },
  };
}

function labels(c: Palette): LayerSpecification[] {
  const paint = { "text-color": c["map-label"], "text-halo-color": c["map-halo"], "text-halo-width": 1.5 };
  const street: Layout = { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT, "symbol-spacing": 420 };
  return [
    {
      id: "label-minor", type: "symbol", source: "basemap", minzoom: 15.5,
      filter: ["all", is("layer", "street"), ["!", is("class", "major")]],
      layout: { ...street, "text-size": 11 }, paint,
    },
    {
      id: "label-major", type: "symbol", source: "basemap", minzoom: 13.5,
      filter: ["all", is("layer", "street"), is("class", "major")],
      layout: { ...street, "text-size": 12 }, paint,
    },
    {
      id: "label-area", type: "symbol", source: "basemap", maxzoom: 15,
      filter: ["match", ["get", "layer"], ["area", "water"], true, false],
      layout: { "text-field": FIRST_NAME, "text-font": FONT, "text-size": 12, "text-letter-spacing": 0.04, "text-max-width": 7, "text-padding": 16 },
      paint,
    },
  ];
}

/** Some cities name an area by all that is in it: "Kalorama Heights, Adams Morgan, Lanier Heights". */
const NAME: ExpressionSpecification = ["coalesce", ["get", "name"], ""];
const FIRST_NAME: ExpressionSpecification = ["slice", NAME, 0, ["match", ["index-of", ",", NAME], -1, ["length", NAME], ["index-of", ",", NAME]]];
const iconSize: ExpressionSpecification = ["interpolate", ["linear"], ["zoom"], 10, 0.62, 14, 0.95, 17, 1.15];

const counted: Layout = { "text-field": ["get", "point_count_abbreviated"], "text-font": FONT, "text-size": 12, "text-allow-overlap": true };
const steady: Layout = { "icon-allow-overlap": true, "icon-ignore-placement": true };

function things(c: Palette): LayerSpecification[] {
  return [
    { id: "areas", type: "fill", source: "areas", layout: { visibility: "none" }, paint: { "fill-color": ["get", "colour"], "fill-opacity": ["get", "strength"] } },
    { id: "areas-edge", type: "line", source: "areas", layout: { visibility: "none" }, paint: { "line-color": ["get", "colour"], "line-width": 1, "line-opacity": ["min", 1, ["*", 3, ["get", "strength"]]] } },
    { id: "path", type: "line", source: "path", layout: { "line-join": "round", "line-cap": "round", visibility: "none" },
      paint: { "line-width": 2, "line-gradient": ["interpolate", ["linear"], ["line-progress"], 0, c.edge, 1, c.blue] } },
    { id: "camera-cluster", type: "circle", source: "cameras", filter: ["has", "point_count"],
      paint: { "circle-radius": ["interpolate", ["linear"], ["get", "point_count"], 2, 9, 60, 16], "circle-color": c["map-halo"], "circle-stroke-color": c["map-major"], "circle-stroke-width": 1 } },
    { id: "camera-count", type: "symbol", source: "cameras", filter: ["has", "point_count"], layout: counted, paint: { "text-color": c["map-label"] } },
    { id: "cameras", type: "symbol", source: "cameras", filter: ["!", ["has", "point_count"]],
      layout: { ...steady, "icon-image": ["case", ["get", "down"], "camera-down", "camera"], "icon-size": ["interpolate", ["linear"], ["zoom"], 11, 0.5, 15, 0.9] } },
    { id: "readers", type: "symbol", source: "readers",
      layout: { ...steady, "icon-image": "reader", "icon-size": iconSize, "text-field": ["step", ["zoom"], "", 14, ["get", "count"]], "text-font": FONT, "text-size": 11, "text-offset": [0, 1.15], "text-optional": true },
      paint: { "icon-opacity": ["get", "fresh"], "text-opacity": ["get", "fresh"], "text-color": c["map-label"], "text-halo-color": c["map-halo"], "text-halo-width": 1.5 } },
  ];
}

function marks(c: Palette): LayerSpecification[] {
  return [
    { id: "mark-cluster", type: "circle", source: "marks", filter: ["has", "point_count"],
      paint: { "circle-radius": 11, "circle-color": c["map-halo"], "circle-stroke-width": 2,
        "circle-stroke-color": ["match", ["get", "rank"], 3, c.red, 2, c["amber-fill"], 1, c.blue, c.edge] } },
    { id: "mark-count", type: "symbol", source: "marks", filter: ["has", "point_count"], layout: counted, paint: { "text-color": c.text } },
    ...(["marks", "urgent"] as const).map((id): LayerSpecification => ({
      id, type: "symbol", source: id, filter: ["!", ["has", "point_count"]],
      layout: { ...steady, "icon-image": ["get", "icon"], "icon-size": iconSize, "symbol-sort-key": TONE_RANK },
      paint: { "icon-opacity": ["get", "fresh"] },
    })),
    { id: "names", type: "symbol", source: "names", minzoom: 14,
      layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 11, "text-offset": [0, 1.1], "text-anchor": "top" },
      paint: { "text-color": c.text, "text-halo-color": c["map-halo"], "text-halo-width": 1.5 } },
    { id: "pointed", type: "circle", source: "pointed",
      paint: { "circle-radius": ["case", ["get", "selected"], 15, 13], "circle-color": "transparent", "circle-stroke-color": c.blue, "circle-stroke-width": ["case", ["get", "selected"], 2.5, 1.5] } },
  ];
}

/** What the map begins with: the ground alone, so that there is soon something to see. */
export function style(colours: Palette): StyleSpecification {
  return { version: 8, sources: { basemap }, layers: ground(colours) };
}

/** What comes onto the ground, the urgent first, each group beneath the layer that is named. */
export const details = (colours: Palette): Group[] => [
  { layers: marks(colours) },
  { layers: things(colours), beneath: MOVING },
  { layers: labels(colours), beneath: "areas" },
];

/** Layers of lines and fills, by the source that they draw. */
export const COSTLY: Record<string, string[]> = { areas: ["areas", "areas-edge"], path: ["path"] };

export const CLUSTERS: Record<string, string> = { "camera-cluster": "cameras", "mark-cluster": "marks" };
export const PICKED = ["urgent", "marks", "readers", "cameras"];
