// Without a graphics card a frame costs both processors a tenth of a second. A map that nobody
// touches draws what came in together, twice a second; under a hand it draws at once.
import type { Map as MapLibre } from "maplibre-gl";

const AT_REST_MS = 400;
const HAND_MS = 300;
const HAND = ["pointerdown", "pointermove", "wheel", "keydown"];

export function calmerAtRest(map: MapLibre): void {
  const draw = map.triggerRepaint.bind(map);
  const calm = calmed(draw, AT_REST_MS);
  let felt = -Infinity;
  for (const name of HAND) {
    map.getContainer().addEventListener(name, () => (felt = performance.now()), { capture: true, passive: true });
  }
  map.on("render", calm.drawn);
  map.triggerRepaint = () => (map.isMoving() || performance.now() - felt < HAND_MS ? draw() : calm.ask());
}

/** Asked as often as one likes, `draw` is called no sooner than `every` ms after it was last done. */
export function calmed(draw: () => void, every: number): { ask: () => void; drawn: () => void } {
  let last = -Infinity;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const ask = () => {
    const rest = last + every - performance.now();
    if (rest <= 0) draw();
    else waiting ??= setTimeout(() => ((waiting = undefined), draw()), rest);
  };
  return { ask, drawn: () => (last = performance.now()) };
}
