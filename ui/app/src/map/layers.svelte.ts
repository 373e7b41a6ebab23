// Which layers are on, and what each chip says. On unless the address bar names others.
import { place } from "../lib/place.svelte";
import { exact } from "../lib/time";
import { isPast } from "../lib/words";
import { clock } from "../live/clock.svelte";
import { live } from "../live/store.svelte";
import { desk, type Layer } from "./desk.svelte";

export const LAYERS: Layer[] = ["alerts", "gunshots", "calls", "units", "vehicles", "reads", "cameras"];

export function layersInForce(): Set<Layer> {
  const named = place.get("layers");
  return new Set(named ? LAYERS.filter((layer) => named.split(",").includes(layer)) : LAYERS);
}

type Fact = { count: number; newest: number | null; tip: string };

export function layerFacts(): Partial<Record<Layer, Fact>> {
  const openCalls = [...live.calls.values()].filter((call) => !isPast(call));
  const openAlerts = [...live.alerts.values()].filter((alert) => alert.state !== "closed");
  const { units, vehicles, newest } = live.moving;
  return {
    alerts: fact(openAlerts.length, openAlerts.map((alert) => Date.parse(alert.raised)), "Open alerts"),
    gunshots: fact(live.gunshots.size, times([...live.gunshots.values()]), "Gunshot detections of the last 24 hours"),
    calls: fact(openCalls.length, times(openCalls), "Open calls for service"),
    units: fact(units, newest ? [newest] : [], "Units with a known position"),
    ...(vehicles ? { vehicles: fact(vehicles, newest ? [newest] : [], "Other vehicles") } : {}),
    reads: fact(live.reads.total, live.reads.last ? [live.reads.last] : [], "Plate reads, only counted: a plate shows when it hits a list"),
    cameras: fact(desk.cameras.length, [], "Cameras in the register; nearer in, what they see"),
  };
}

const times = (events: { time: string }[]): number[] => events.map((event) => Date.parse(event.time));

function fact(count: number, at: number[], what: string): Fact {
  const newest = at.length ? Math.max(...at) : null;
  return { count, newest, tip: newest ? `${what}; newest ${exact(newest, clock.zone)}` : what };
}
