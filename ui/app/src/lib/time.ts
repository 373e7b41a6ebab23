// Times in words, with the exact moment always at hand.

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNITS: [number, string][] = [
  [DAY, "d"],
  [HOUR, "h"],
  [MINUTE, "min"],
  [SECOND, "s"],
];

/** 14 s, 4 min, 3 h, 2 d: the largest unit that fits, rounded down. */
export function span(ms: number): string {
  const size = Math.abs(ms);
  for (const [unit, name] of UNITS) if (size >= unit) return `${Math.floor(size / unit)} ${name}`;
  return "0 s";
}

/** How often something comes, given in seconds. */
export function cadence(seconds: number | null): string {
  if (seconds === null) return "–";
  return seconds < 1 ? "less than 1 s" : span(seconds * 1000);
}

/** As `span`, with the next smaller unit where the largest alone is too coarse: 1 h 12 min. */
export function finerSpan(ms: number): string {
  const size = Math.abs(ms);
  if (size < HOUR) return span(size);
  const [unit, next] = size >= DAY ? [DAY, HOUR] : [HOUR, MINUTE];
  const rest = size % unit;
  return rest >= next ? `${span(size)} ${span(rest)}` : span(size);
}

/** "4 min ago", "now", or "in 2 min" for a clock that runs ahead. */
export function ago(time: number, now: number): string {
  const age = now - time;
  if (Math.abs(age) < 5 * SECOND) return "now";
  return age > 0 ? `${finerSpan(age)} ago` : `in ${finerSpan(age)}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...options })));
  return made;
}

export function clock(time: number, zone: string, seconds = false): string {
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  return format(zone, seconds ? { ...options, second: "2-digit" } : options).format(time);
}

/** "05:11 – 05:14", or "05:11 – now"; with seconds where the minutes alone would not differ. */
export function between(start: number, end: number | null, zone: string): string {
  if (end === null) return `${clock(start, zone)} – now`;
  const fine = end - start < 2 * MINUTE;
  return `${clock(start, zone, fine)} – ${clock(end, zone, fine)}`;
}

/** A moment as the search box reads it, in the agency's time: 2026-05-01T21:00. */
export function asked(time: number, zone: string): string {
  const day = format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(time);
  const part = (type: string) => day.find((each) => each.type === type)?.value;
  return `${part("year")}-${part("month")}-${part("day")}T${clock(time, zone)}`;
}

/** The moment that a wall clock of the agency shows as "2026-05-01T21:00", in RFC 3339; nothing for
 * what is no time. Of an hour that comes twice, one of the two. */
export function momentAt(local: string, zone: string): string {
  const read = Date.parse(`${local}Z`);
  const shown = (time: number) => Date.parse(`${asked(time, zone)}Z`);
  let time = read;
  // The second time the offset is that of the moment itself: it may lie beyond a change of the clocks.
  for (let i = 0; i < 2 && !Number.isNaN(time); i++) time += read - shown(time);
  // A year that is still being typed is none that a calendar shows.
  return Number.isNaN(time) ? "" : new Date(time).toISOString().replace(".000Z", "Z");
}

export function dayAndTime(time: number, zone: string, seconds = false): string {
  const day = format(zone, { day: "numeric", month: "short" }).format(time);
  return `${day} ${clock(time, zone, seconds)}`;
}

/** Both clocks to the second, for tooltips and exports. */
export function exact(time: number, zone: string): string {
  const local = format(zone, {
    weekday: "short", day: "numeric", month: "short", year: "numeric",
    hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
  }).format(time);
  const utc = new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
  return `${local} · ${utc}`;
}

/** How strongly something of this age is still drawn: 1 when fresh, 0 when it should be gone. */
export function freshness(age: number, fadesFrom: number, goneAt: number): number {
  if (age <= fadesFrom) return 1;
  if (age >= goneAt) return 0;
  return 1 - 0.75 * ((age - fadesFrom) / (goneAt - fadesFrom));
}
