// Without a graphics card a frame costs both processors a tenth of a second. A map that nobody
// touches draws what came in together, once a second, and not while somebody types; under a hand it
// draws at once.
import type { Map as MapLibre } from "maplibre-gl";

const AT_REST_MS = 900;
const HAND_MS = 300;
const HAND = ["pointerdown", "pointermove", "wheel", "keydown"];
const TYPED_MS = 250;
/** However long somebody types. */
const LONGEST_MS = 2000;

export function calmerAtRest(map: MapLibre): void {
  const draw = map.triggerRepaint.bind(map);
  const calm = calmed(draw, AT_REST_MS);
  let felt = -Infinity;
  for (const name of HAND) {
    map.getContainer().addEventListener(name, () => (felt = performance.now()), { capture: true, passive: true });
  }
  addEventListener("keydown", calm.later, { capture: true, passive: true });
  map.on("remove", () => removeEventListener("keydown", calm.later, { capture: true }));
  map.on("render", calm.drawn);
  map.triggerRepaint = () => (map.isMoving() || performance.now() - felt < HAND_MS ? draw() : calm.ask());
}

/** Asked as often as one likes, `draw` is called no sooner than `every` ms after it was last done, and
 * a little later when something else comes first. */
export function calmed(draw: () => void, every: number): { ask: () => void; drawn: () => void; later: () => void } {
  let last = -Infinity;
  let busy = -Infinity;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const ask = () => {
    const due = Math.max(last + every, Math.min(busy + TYPED_MS, last + LONGEST_MS));
    const rest = due - performance.now();
    if (rest <= 0) draw();
    else waiting ??= setTimeout(() => ((waiting = undefined), ask()), rest);
  };
  return { ask, drawn: () => (last = performance.now()), later: () => (busy = performance.now()) };
}
