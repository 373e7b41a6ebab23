// Symbols drawn on a canvas: shape = kind, fill = state. No sprite is fetched from anywhere.
import type { Map as MapLibre } from "maplibre-gl";
import type { Tone } from "../lib/words";
import type { Shape } from "./desk.svelte";
import { toneColour, type Palette } from "./palette";

const SIZE = 24;
const RATIO = 2;
const TONES: Tone[] = ["red", "amber", "blue", "green", "grey"];

type Draw = (c: CanvasRenderingContext2D) => void;

const outlines: Record<Shape, Draw> = {
  call: (c) => c.arc(12, 12, 6.5, 0, 2 * Math.PI),
  event: (c) => polygon(c, [[12, 4.5], [19.5, 12], [12, 19.5], [4.5, 12]]),
  alert: (c) => polygon(c, [[12, 3.5], [21, 19.5], [3, 19.5]]),
  read: (c) => c.roundRect(4, 7.5, 16, 9, 2.5),
  gunshot: (c) => polygon(c, burst()),
};

function burst(): [number, number][] {
  return Array.from({ length: 16 }, (_, i) => {
    const reach = i % 2 ? 5 : 9.5;
    const angle = (i * Math.PI) / 8;
    return [12 + reach * Math.sin(angle), 12 - reach * Math.cos(angle)];
  });
}

function polygon(c: CanvasRenderingContext2D, corners: [number, number][]): void {
  corners.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
  c.closePath();
}

function drawn(paint: Draw): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * RATIO;
  const context = canvas.getContext("2d")!;
  context.scale(RATIO, RATIO);
  context.lineJoin = "round";
  paint(context);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

function symbol(shape: Shape, fill: string, halo: string): ImageData {
  return drawn((c) => {
    c.beginPath();
    outlines[shape](c);
    c.strokeStyle = halo;
    c.lineWidth = 4;
    c.stroke();
    c.fillStyle = fill;
    c.fill();
    if (shape === "alert") exclamation(c, halo);
  });
}

function exclamation(c: CanvasRenderingContext2D, colour: string): void {
  c.fillStyle = colour;
  c.fillRect(11.1, 9, 1.8, 5.5);
  c.fillRect(11.1, 15.8, 1.8, 1.8);
}

/** A camera seen from above: a square, struck through when it cannot be seen. */
function camera(fill: string, halo: string, down: boolean): ImageData {
  return drawn((c) => {
    c.beginPath();
    c.roundRect(7, 7, 10, 10, 2.5);
    c.strokeStyle = halo;
    c.lineWidth = 3;
    c.stroke();
    c.fillStyle = down ? halo : fill;
    c.fill();
    c.strokeStyle = fill;
    c.lineWidth = 1.5;
    c.stroke();
    if (!down) return;
    c.beginPath();
    c.moveTo(6, 18);
    c.lineTo(18, 6);
    c.stroke();
  });
}

function reader(edge: string, halo: string): ImageData {
  return drawn((c) => {
    c.beginPath();
    c.roundRect(5, 8, 14, 8, 2.5);
    c.fillStyle = halo;
    c.fill();
    c.strokeStyle = edge;
    c.lineWidth = 1.5;
    c.stroke();
  });
}

export function addIcons(map: MapLibre, colours: Palette): void {
  const halo = colours["map-halo"];
  const put = (name: string, image: ImageData) =>
    map.hasImage(name) ? map.updateImage(name, image) : map.addImage(name, image, { pixelRatio: RATIO });
  for (const shape of Object.keys(outlines) as Shape[]) {
    for (const tone of TONES) put(`${shape}-${tone}`, symbol(shape, toneColour(tone, colours), halo));
  }
  put("camera", camera(colours.faint, halo, false));
  put("camera-down", camera(colours["amber-fill"], halo, true));
  put("reader", reader(colours.faint, halo));
}
