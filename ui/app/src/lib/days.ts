// Days of the agency's own calendar.
import { asked, momentAt } from "./time";

/** "2026-10-31": the day that a wall clock of the agency shows. */
export const dayOf = (time: number, zone: string): string => asked(time, zone).slice(0, 10);

/** The moment at which a day begins there, in RFC 3339. */
export const startOf = (day: string, zone: string): string => momentAt(`${day}T00:00`, zone);

/** From a day up to another, which is not in it. */
export type Days = { since: string; until: string };

/** The last whole month. */
export const lastMonth = (now: number, zone: string): Days => monthAt(now, zone, -1);

/** The month that is under way. */
export const thisMonth = (now: number, zone: string): Days => monthAt(now, zone, 0);

function monthAt(now: number, zone: string, ahead: number): Days {
  const [year, month] = dayOf(now, zone).split("-").map(Number) as [number, number];
  const first = (months: number) => new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
  return { since: first(ahead), until: first(ahead + 1) };
}
