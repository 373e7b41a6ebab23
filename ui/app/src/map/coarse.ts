// Without a graphics card each pixel costs time: there the map is drawn coarser while it moves, and
// sharp again when it rests.
import type { Map as MapLibre } from "maplibre-gl";

const COARSE = 0.5;

export function coarserWhileMoving(map: MapLibre, tell: (coarse: boolean) => void): void {
  let coarse = false;
  const draw = (wanted: boolean) => {
    if (coarse === wanted) return;
    tell((coarse = wanted));
    setRatio(map, (wanted ? COARSE : 1) * devicePixelRatio);
  };
  map.on("move", () => map.isMoving() && draw(true));
  map.on("moveend", () => draw(false));
}

/** As `map.setPixelRatio()`, which stops whatever moves: it would end the very drag that asks. */
function setRatio(map: MapLibre, ratio: number): void {
  map._overridePixelRatio = ratio;
  map._resizeInternal();
  map.triggerRepaint();
}

/** Whether the processor draws. */
export function isSoftware(map: MapLibre): boolean {
  const gl = map.getCanvas().getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(names ? gl?.getParameter(names.UNMASKED_RENDERER_WEBGL) : "");
  return /swiftshader|llvmpipe|software/i.test(renderer);
}
