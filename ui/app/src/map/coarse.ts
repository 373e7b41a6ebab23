// Without a graphics card each pixel costs time: there the map is drawn coarser while it moves, and
// sharp again when it rests.
import type { Map as MapLibre } from "maplibre-gl";

const COARSE = 0.5;

export function coarserWhileMoving(map: MapLibre, tell: (coarse: boolean) => void): void {
  if (!isSoftware(map)) return;
  let coarse = false;
  map.on("move", () => {
    if (coarse || !map.isMoving()) return;
    tell((coarse = true));
    map.setPixelRatio(COARSE * devicePixelRatio);
  });
  map.on("moveend", () => {
    if (!coarse) return;
    tell((coarse = false));
    map.setPixelRatio(devicePixelRatio);
  });
}

function isSoftware(map: MapLibre): boolean {
  const gl = map.getCanvas().getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(names ? gl?.getParameter(names.UNMASKED_RENDERER_WEBGL) : "");
  return /swiftshader|llvmpipe|software/i.test(renderer);
}
