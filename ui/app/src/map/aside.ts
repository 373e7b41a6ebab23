// Without a graphics card the browser reads each frame back on the page's own thread, and waits there
// until the processor has drawn it. So the map draws out of sight, and what is done is copied into view.
import type { Map as MapLibre } from "maplibre-gl";
import { rgb } from "./palette";

const LOOK_MS = 4;

/** Draws on a ground of this colour. Answers how to wait until what was drawn last is in view. */
export function drawnAside(map: MapLibre, ground: () => string): () => Promise<void> {
  clearTo(map, ground);
  const frames = oneAtATime(map.triggerRepaint.bind(map), copier(map.getCanvas()));
  map.triggerRepaint = frames.ask;
  map.on("render", frames.drawn);
  return frames.inView;
}

/** What is asked for before a frame is in view comes after it. */
export function oneAtATime(draw: () => void, show: () => Promise<void>): { ask: () => void; drawn: () => void; inView: () => Promise<void> } {
  let inView = Promise.resolve();
  let busy = false;
  let asked = false;
  const ask = () => {
    asked = busy;
    if (!busy) draw();
  };
  const drawn = () => {
    if (busy) return void (asked = true); // drawn unasked, as a resized map is
    busy = true;
    inView = show().finally(() => {
      busy = false;
      if (asked) ask();
    });
  };
  return { ask, drawn, inView: () => inView };
}

/** Pixels are copied as they are: none may let through what is behind. */
function clearTo(map: MapLibre, ground: () => string): void {
  const { context } = map.painter;
  const clear = context.clear.bind(context);
  context.clear = (what) => {
    const [r, g, b] = rgb(ground());
    clear(what.color ? { ...what, color: { r, g, b, a: 1 } as typeof what.color } : what);
  };
}

/** Copies what was drawn to a canvas in front, by way of a buffer, so that nobody waits for the drawing. */
function copier(drawn: HTMLCanvasElement): () => Promise<void> {
  const gl = drawn.getContext("webgl2")!;
  const view = inFrontOf(drawn);
  const buffer = gl.createBuffer();
  let picture: ImageData;
  return async () => {
    const { width, height, style } = drawn;
    const resized = view.canvas.width !== width || view.canvas.height !== height;
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    if (resized) gl.bufferData(gl.PIXEL_PACK_BUFFER, width * height * 4, gl.STREAM_COPY);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    await finished(gl);
    if (resized) {
      Object.assign(view.canvas, { width, height });
      Object.assign(view.canvas.style, { width: style.width, height: style.height });
      picture = new ImageData(width, height);
    }
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, picture.data);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    view.putImageData(picture, 0, 0);
  };
}

/** The map's own canvas keeps its place and the focus; the browser composes the one in front. */
function inFrontOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const view = document.createElement("canvas");
  view.width = view.height = 0;
  view.className = "view";
  canvas.style.opacity = "0";
  canvas.after(view);
  return view.getContext("2d", { willReadFrequently: true })!;
}

function finished(gl: WebGL2RenderingContext): Promise<void> {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)!;
  gl.flush();
  return new Promise((done) => {
    const look = () => {
      if (gl.getSyncParameter(fence, gl.SYNC_STATUS) === gl.UNSIGNALED) return void setTimeout(look, LOOK_MS);
      gl.deleteSync(fence);
      done();
    };
    look();
  });
}
