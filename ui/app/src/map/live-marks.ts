// What is going on, as marks: calls, gunshots and open alerts, fading with age.
import type { Alert, Asset, ReaderCounts, Summary } from "../api";
import { within, type Stretch } from "../lib/brush";
import { pointOf } from "../lib/geo";
import { ofAlert, ofAsset, ofEvent } from "../lib/selection";
import { freshness, HOUR, MINUTE } from "../lib/time";
import { isPast, severityWord, stateOf } from "../lib/words";
import type { Layer, Mark, ReaderMark } from "./desk.svelte";

type Live = { calls: Iterable<Summary>; gunshots: Iterable<Summary>; alerts: Iterable<Alert> };

export function liveMarks(live: Live, show: Set<Layer>, stretch: Stretch | null, now: number): Mark[] {
  return [
    ...(show.has("calls") ? fromEvents(live.calls, "call", now) : []),
    ...(show.has("gunshots") ? fromEvents(live.gunshots, "gunshot", now) : []),
    ...(show.has("alerts") ? fromAlerts(live.alerts, now) : []),
  ].filter((mark) => mark.fresh > 0 && within(stretch, mark.at));
}

type Dated = Mark & { at: number };

function fromEvents(events: Iterable<Summary>, shape: "call" | "gunshot", now: number): Dated[] {
  return [...events].flatMap((event) => {
    if (!event.point) return [];
    const at = Date.parse(event.time);
    return [{
      id: ofEvent(event.seq), point: event.point, shape, at, label: event.headline,
      tone: stateOf(event)[1], error: event.error_m, fresh: eventFreshness(event, shape, now - at),
    }];
  });
}

/** Open calls stay; what is over fades within minutes. */
function eventFreshness(event: Summary, shape: "call" | "gunshot", age: number): number {
  if (isPast(event)) return freshness(age, MINUTE, 20 * MINUTE);
  return shape === "call" ? freshness(age, 2 * HOUR, 24 * HOUR) : freshness(age, 30 * MINUTE, 6 * HOUR);
}

function fromAlerts(alerts: Iterable<Alert>, now: number): Dated[] {
  return [...alerts].flatMap((alert) => {
    if (!alert.point || alert.state === "closed") return [];
    const at = Date.parse(alert.raised);
    return [{
      id: ofAlert(alert.id), point: alert.point, shape: "alert" as const, at, label: alert.title,
      tone: severityWord[alert.severity][1], fresh: freshness(now - at, HOUR, 24 * HOUR),
    }];
  });
}

/** Readers with what they counted. A reader that reads nothing is drawn faintly, not left out. */
export function readerMarks(readers: Asset[], counts: ReaderCounts, now: number): ReaderMark[] {
  return readers.flatMap((reader) => {
    const point = pointOf(reader);
    const reads = counts[`${reader.source}/${reader.id}`];
    if (!point) return [];
    const fresh = reads ? Math.max(0.35, freshness(now - reads.last, MINUTE, 15 * MINUTE)) : 0.35;
    return [{ id: ofAsset(reader), point, label: reader.name, count: reads?.count ?? 0, fresh }];
  });
}
