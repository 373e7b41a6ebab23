// MapLibre, wrapped once. The rest of the app never imports it.
import "maplibre-gl/dist/maplibre-gl.css";
import { AttributionControl, Map as MapLibre, NavigationControl, prewarm, ScaleControl, setWorkerUrl, type GeoJSONSource, type MapMouseEvent } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import type { Asset, Hub, Point } from "../api";
import { ofUnit } from "../lib/selection";
import { pointOf } from "../lib/geo";
import type { Frame, Label } from "../live/positions";
import { VEHICLE } from "../live/positions";
import { drawnAside } from "./aside";
import { calmerAtRest } from "./calm";
import { coarserWhileMoving, isSoftware } from "./coarse";
import type { Focus, Layer, Mark, ReaderMark } from "./desk.svelte";
import * as features from "./features";
import { addIcons } from "./icons";
import { GONE_AT_MS, MovingLayer } from "./moving";
import { palette, type Palette } from "./palette";
import { CLUSTERS, COSTLY, details, PICKED, sources, style, type Group } from "./style";

setWorkerUrl(workerUrl);
prewarm(); // the worker starts while the map is still being made

const DOUBT_ZOOM = 13;
const WEDGE_ZOOM = 14.5;
const MOST_WEDGES = 300;
const NAME_ZOOM = 14;
const MOST_NAMES = 150;
const EDGE_PX = 24;
const PICK_PX = 9;

export type View = { lon: number; lat: number; zoom: number };

export type Events = {
  onPick: (id: string | null) => void;
  onHover: (id: string | null) => void;
  onView: (view: View) => void;
  onTrouble: (words: string) => void;
};

export type Moving = { frame: Frame | null; labels: Label[]; now: () => number };

export class CityMap {
  readonly ready: Promise<void>;
  #map: MapLibre;
  #colours: Palette = palette();
  #moving: MovingLayer;
  #marks: Mark[] = [];
  #cameras: Asset[] = [];
  #near: Asset[] = [];
  #shown = new Set<Layer>();
  #pointed = "[null,null]";
  #data = new Map<string, GeoJSON.FeatureCollection>();
  /** Until the frame that was drawn last is on the screen. */
  #inView = () => Promise.resolve();

  constructor(
    container: HTMLElement,
    hub: Hub,
    view: View | null,
    readonly moving: Moving,
    readonly events: Events,
  ) {
    const centre: Point = hub.bounds ? [(hub.bounds[0] + hub.bounds[2]) / 2, (hub.bounds[1] + hub.bounds[3]) / 2] : [0, 0];
    this.#moving = new MovingLayer(centre, this.#colours, moving.now);
    this.#map = new MapLibre({
      container,
      style: style(this.#colours),
      ...(view ? { center: [view.lon, view.lat], zoom: view.zoom } : hub.bounds ? { bounds: hub.bounds, fitBoundsOptions: { padding: 24 } } : {}),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      maxZoom: 19.5,
    });
    this.#map.touchZoomRotate.disableRotation();
    // Seen from straight above there is no sky; MapLibre would compute one for every pixel.
    this.#map.painter.drawFunctions.sky = () => undefined;
    const software = isSoftware(this.#map);
    if (software) {
      this.#inView = drawnAside(this.#map, () => this.#colours["map-ground"]);
      coarserWhileMoving(this.#map, (coarse) => (this.#moving.rough = coarse));
    }
    this.#map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-left");
    this.#map.addControl(new NavigationControl({ showCompass: false }), "bottom-left");
    this.#map.addControl(new AttributionControl({ compact: true }), "bottom-right");
    this.ready = new Promise((done) => this.#map.once("style.load", () => (this.#map.addLayer(this.#moving), done())));
    void this.#begin().then(() => software && calmerAtRest(this.#map));
  }

  setMarks(marks: Mark[]): void {
    this.#marks = marks;
    this.#put("marks", features.marks(marks, false));
    this.#put("urgent", features.marks(marks, true));
    this.#drawAreas();
  }

  setReaders(readers: ReaderMark[]): void {
    this.#put("readers", features.readers(readers));
  }

  setCameras(cameras: Asset[], near: Asset[]): void {
    this.#cameras = cameras;
    this.#near = near;
    this.#put("cameras", features.cameras(cameras));
    this.#drawAreas();
  }

  setPath(points: Point[]): void {
    this.#put("path", features.path(points));
  }

  setPointed(hover: string | null, selected: string | null, fallback: Point | null): void {
    const places = [this.#where(hover), this.#where(selected) ?? fallback] as const;
    const written = JSON.stringify(places);
    if (written === this.#pointed) return;
    this.#pointed = written;
    this.#put("pointed", features.pointed(...places));
  }

  setShown(layers: Set<Layer>): void {
    this.#shown = layers;
    this.#moving.units = layers.has("units");
    this.#moving.vehicles = layers.has("vehicles");
    this.#map.triggerRepaint();
    this.#drawNames();
  }

  setTheme(): void {
    this.#colours = this.#moving.colours = palette();
    this.#map.setStyle(style(this.#colours), { diff: false });
    this.#map.once("style.load", () => {
      this.#map.addLayer(this.#moving);
      this.#dress();
      details(this.#colours).forEach((group) => this.#add(group));
    });
  }

  move(frame: Frame): void {
    this.#moving.show(frame);
    this.#drawNames();
  }

  look(focus: Focus): void {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const duration = calm ? 0 : 150;
    if ("bounds" in focus) this.#map.fitBounds(focus.bounds, { padding: 64, maxZoom: 16, duration });
    else this.#map.easeTo({ center: focus.point, zoom: Math.max(this.#map.getZoom(), focus.zoom ?? 0), duration });
  }

  /** Goes to a view from the address bar, unless that is where it is. */
  show({ lon, lat, zoom }: View): void {
    const { lng, lat: at } = this.#map.getCenter();
    const near = Math.abs(lng - lon) < 1e-4 && Math.abs(at - lat) < 1e-4 && Math.abs(this.#map.getZoom() - zoom) < 0.01;
    if (!near && !this.#map.isMoving()) this.#map.jumpTo({ center: [lon, lat], zoom });
  }

  /** Brings a place into the part of the map that nothing covers; what is in sight stays there. */
  reveal(point: Point, covered: number): void {
    const { clientWidth: wide, clientHeight: tall } = this.#map.getContainer();
    const { x, y } = this.#map.project(point);
    const seen = tall * (1 - covered);
    if (x < EDGE_PX || x > wide - EDGE_PX || y < EDGE_PX || y > seen - EDGE_PX) {
      this.#map.easeTo({ center: point, offset: [0, (seen - tall) / 2], duration: 0 });
    }
  }

  resize(): void {
    this.#map.resize();
  }

  remove(): void {
    this.#map.remove();
  }

  /** The streets can be seen before the rest is asked for. That comes group by group: each brings
   * shaders, and the page waits while they are linked. */
  async #begin(): Promise<void> {
    await this.ready;
    void this.#markDrawn();
    const { style } = this.#map;
    await this.#drawn(() => this.#map.isSourceLoaded("basemap"));
    for (const step of [() => this.#dress(), ...details(this.#colours).map((group) => () => this.#add(group))]) {
      if (style === this.#map.style) step(); // a new style came with all of it
      await this.#drawn(() => this.#map.areTilesLoaded());
    }
    this.#listen();
    await this.#map.once("idle");
    performance.mark("map-complete");
  }

  /** Marks are for whoever measures how soon there is something to see (tests/benchmarks/console.py). */
  async #markDrawn(): Promise<void> {
    await this.#drawn(() => this.#map.isSourceLoaded("basemap") && this.moving.frame !== null);
    await this.#inView();
    performance.mark("map-drawn");
  }

  /** The next frame in which something holds. */
  #drawn(holds: () => boolean): Promise<void> {
    return new Promise((done) => {
      const look = () => holds() && (this.#map.off("render", look), done());
      this.#map.on("render", look);
    });
  }

  /** Icons, sources and their data. */
  #dress(): void {
    addIcons(this.#map, this.#colours);
    for (const [id, source] of Object.entries(sources)) this.#map.addSource(id, source);
    for (const [source, data] of this.#data) this.#put(source, data);
  }

  #add({ layers, beneath }: Group): void {
    for (const layer of layers) this.#map.addLayer(layer, beneath);
    for (const [source, data] of this.#data) this.#hideEmpty(source, data);
  }

  #put(source: string, data: GeoJSON.FeatureCollection): void {
    this.#data.set(source, data);
    this.#hideEmpty(source, data);
    (this.#map.getSource(source) as GeoJSONSource | undefined)?.setData(data);
  }

  /** An empty layer of lines or fills still costs the whole map a pass for its tiles' edges. */
  #hideEmpty(source: string, data: GeoJSON.FeatureCollection): void {
    const visibility = data.features.length ? "visible" : "none";
    for (const layer of COSTLY[source] ?? []) {
      if (this.#map.getLayer(layer)) this.#map.setLayoutProperty(layer, "visibility", visibility);
    }
  }

  #drawAreas(): void {
    this.#put("areas", features.areas(this.#map.getZoom() < DOUBT_ZOOM ? [] : this.#marks, [...this.#near, ...this.#viewed()], this.#colours));
  }

  /** All wedges of what is in sight, once the map is near enough for them to be read. */
  #viewed(): Asset[] {
    if (this.#map.getZoom() < WEDGE_ZOOM) return [];
    const bounds = this.#map.getBounds();
    const inSight = (camera: Asset) => { const point = pointOf(camera); return point !== null && bounds.contains(point); };
    return this.#cameras.filter(inSight).slice(0, MOST_WEDGES);
  }

  /** Names of units in sight, when there are few enough to be read. */
  #drawNames(): void {
    const near = this.#map.getZoom() >= NAME_ZOOM ? this.#unitsInSight() : [];
    const had = this.#data.get("names")?.features.length ?? 0;
    if (near.length || had) this.#put("names", features.names(near.length > MOST_NAMES ? [] : near));
  }

  #unitsInSight(): [Point, string][] {
    const { frame, labels, now } = this.moving;
    if (!frame) return [];
    const bounds = this.#map.getBounds();
    const found: [Point, string][] = [];
    for (let i = 0; i < frame.count && found.length <= MOST_NAMES; i++) {
      if (!this.#isShown(frame, i, now())) continue;
      const point: Point = [frame.places[i * 2]!, frame.places[i * 2 + 1]!];
      if (bounds.contains(point)) found.push([point, labels[i]?.label ?? ""]);
    }
    return found;
  }

  #isShown(frame: Frame, i: number, now: number): boolean {
    const layer = frame.looks[i]! & VEHICLE ? "vehicles" : "units";
    return this.#shown.has(layer) && now - frame.times[i]! < GONE_AT_MS;
  }

  #where(id: string | null): Point | null {
    if (!id) return null;
    const drawn = ["urgent", "marks", "readers", "cameras"].flatMap((source) => this.#data.get(source)?.features ?? []);
    const found = drawn.find((feature) => feature.properties?.id === id);
    if (found) return (found.geometry as GeoJSON.Point).coordinates as Point;
    const slot = this.moving.labels.findIndex((label) => ofUnit(label.key) === id);
    const places = this.moving.frame?.places;
    return slot >= 0 && places ? [places[slot * 2]!, places[slot * 2 + 1]!] : null;
  }

  #listen(): void {
    let waiting: MapMouseEvent | null = null;
    this.#map.on("mousemove", (event) => {
      if (!waiting) requestAnimationFrame(() => { this.#hover(waiting!); waiting = null; });
      waiting = event;
    });
    this.#map.on("mouseout", () => this.events.onHover(null));
    this.#map.on("click", (event) => void this.#click(event));
    this.#map.on("moveend", () => this.#settle());
    this.#map.on("error", ({ error }) => this.events.onTrouble(error.message));
  }

  #hover(event: MapMouseEvent): void {
    if (this.#map.isMoving()) return;
    const id = this.#pick(event);
    this.#map.getCanvas().style.cursor = id || this.#cluster(event) ? "pointer" : "";
    this.events.onHover(id);
  }

  async #click(event: MapMouseEvent): Promise<void> {
    const cluster = this.#cluster(event);
    if (!cluster) return this.events.onPick(this.#pick(event));
    const source = this.#map.getSource(CLUSTERS[cluster.layer.id]!) as GeoJSONSource;
    const zoom = await source.getClusterExpansionZoom(cluster.properties.cluster_id as number);
    this.#map.easeTo({ center: (cluster.geometry as GeoJSON.Point).coordinates as Point, zoom, duration: 150 });
  }

  #settle(): void {
    const { lng, lat } = this.#map.getCenter();
    this.events.onView({ lon: lng, lat, zoom: this.#map.getZoom() });
    this.#drawAreas();
    this.#drawNames();
  }

  #under(event: MapMouseEvent, layers: string[]) {
    const { x, y } = event.point;
    return this.#map.queryRenderedFeatures([[x - 4, y - 4], [x + 4, y + 4]], { layers });
  }

  #cluster(event: MapMouseEvent) {
    return this.#under(event, Object.keys(CLUSTERS))[0];
  }

  #pick(event: MapMouseEvent): string | null {
    const order = (layer: string) => PICKED.indexOf(layer);
    const found = this.#under(event, PICKED).sort((a, b) => order(a.layer.id) - order(b.layer.id));
    return (found[0]?.properties.id as string | undefined) ?? this.#nearestMoving(event);
  }

  #nearestMoving(event: MapMouseEvent): string | null {
    const { frame, labels, now } = this.moving;
    if (!frame) return null;
    const { lng, lat } = event.lngLat;
    const reach = Math.abs(this.#map.unproject([event.point.x + PICK_PX, event.point.y]).lng - lng);
    const squash = 1 / Math.cos((lat * Math.PI) / 180);
    let best = reach * reach;
    let slot = -1;
    for (let i = 0; i < frame.count; i++) {
      const dx = frame.places[i * 2]! - lng;
      const dy = (frame.places[i * 2 + 1]! - lat) * squash;
      const far = dx * dx + dy * dy;
      if (far < best && this.#isShown(frame, i, now())) [best, slot] = [far, i];
    }
    return slot < 0 ? null : ofUnit(labels[slot]!.key);
  }
}
