// The feed as it is read: one row a call for service with everything tied to it, newest first.
import type { Summary } from "../api/types";

export type Group = {
  /** What the row is about: a call number, a subject, or one event. */
  key: string;
  head: Summary;
  /** Newest first, the head among them. */
  events: Summary[];
  call: string | null;
};

const CALL = "call/";

export function callOf(event: Summary): string | null {
  if (event.call) return event.call;
  return event.subject?.startsWith(CALL) ? event.subject.slice(CALL.length) : null;
}

const keyOf = (event: Summary): string => callOf(event) ?? event.subject ?? `event/${event.seq}`;

/** The row's head is the newest state of the thing itself; what is tied to it stands below. */
function headOf(events: Summary[]): Summary {
  return events.find((event) => event.kind === "call") ?? events[0]!;
}

/** `events` newest first; groups come in the order of their newest event. */
export function grouped(events: Summary[]): Group[] {
  const groups = new Map<string, Summary[]>();
  for (const event of events) {
    const key = keyOf(event);
    const known = groups.get(key);
    if (known) known.push(event);
    else groups.set(key, [event]);
  }
  return [...groups].map(([key, tied]) => ({ key, head: headOf(tied), events: tied, call: callOf(tied[0]!) }));
}

/** Newest first, each event once, no more than `limit`. */
export function merged(old: Summary[], more: Summary[], limit: number): Summary[] {
  const known = new Set(old.map((event) => event.seq));
  const fresh = more.filter((event) => !known.has(event.seq) && known.add(event.seq));
  if (!fresh.length) return old;
  return [...fresh, ...old].sort(newestFirst).slice(0, limit);
}

/** Times are RFC 3339 in UTC, so that text order is time order. */
function newestFirst(a: Summary, b: Summary): number {
  return a.time === b.time ? b.seq - a.seq : a.time < b.time ? 1 : -1;
}
