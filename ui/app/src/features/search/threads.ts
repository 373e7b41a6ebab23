// Results by the thing asked for: the states of one call, gunshot or vehicle stand together, the
// latest on top, the earlier ones behind a count. Reads and hits are sightings, each for itself.
import type { Summary } from "../../api";

export type Thread = {
  key: string;
  head: Summary;
  /** Latest first. */
  earlier: Summary[];
};

export type Row = { event: Summary; thread: Thread; head: boolean };

const GROUPED = new Set<Summary["kind"]>(["call", "gunshot", "vehicle"]);

const keyOf = (event: Summary): string =>
  event.subject && GROUPED.has(event.kind) ? `${event.source}/${event.kind}/${event.subject}` : `event/${event.seq}`;

/** In the order in which the hits name them. */
export function threadsOf(hits: Summary[]): Thread[] {
  return [...Map.groupBy(hits, keyOf)].map(([key, states]) => {
    const [head, ...earlier] = states.toSorted(latestFirst);
    return { key, head: head!, earlier };
  });
}

/** What the list shows: each thread, and under it the earlier states of those that are open. */
export function rowsOf(threads: Thread[], isOpen: (thread: Thread) => boolean): Row[] {
  return threads.flatMap((thread) => {
    const earlier = isOpen(thread) ? thread.earlier : [];
    return [thread.head, ...earlier].map((event, i) => ({ event, thread, head: i === 0 }));
  });
}

/** By when it happened; a later word on the same moment (a review) stands above. */
function latestFirst(a: Summary, b: Summary): number {
  return Date.parse(b.time) - Date.parse(a.time) || b.seq - a.seq;
}
