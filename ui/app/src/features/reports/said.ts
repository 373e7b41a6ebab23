// Figures as people read them.
import type { Table } from "../../api/reports";
import type { Came } from "../../api/requests";
import { purposeTitle, PURPOSES } from "../../lib/purposes";
import { spaced } from "../../lib/words";

const CODES = new Set(PURPOSES.map(({ code }) => code));

/** Whether it counted anything. */
export const counted = ({ total }: Pick<Table, "total">): boolean => total !== 0;

/** Codes in words; names, numbers and times as they are. */
export function rowLabel(label: string): string {
  if (CODES.has(label)) return purposeTitle(label);
  return /^[a-z]+([_.-][a-z]+)*$/.test(label) ? spaced(label.replaceAll(".", " ")) : label;
}

/** What a request can come to, in the order of a table. */
export const CAME: readonly (readonly [string, string])[] = [
  ["found", "Found"],
  ["not_found", "Not found"],
  ["not_used", "Not used"],
  ["unknown", "Not said"],
  ["cancelled", "Cancelled"],
  ["open", "Open"],
];
const ANSWERED = ["found", "not_found", "not_used", "unknown"];

/** How many there were, and which part of the answered ones were found: "63 %", or a dash where none was. */
export function cameTo(came: Came): { total: number; found: string } {
  const sum = (codes: string[]) => codes.reduce((all, code) => all + (came[code] ?? 0), 0);
  const answered = sum(ANSWERED);
  return { total: sum(Object.keys(came)), found: answered ? `${Math.round((100 * (came.found ?? 0)) / answered)} %` : "–" };
}

/** "2.1 ×", "0.33 ×": how often as much as in all districts together. */
export const timesSaid = (times: number): string => `${times >= 9.95 || times === 0 ? Math.round(times) : times.toFixed(times < 0.95 ? 2 : 1)} ×`;

/** How far a bar goes from the middle, in per cent of the whole width: a doubling is a quarter, and what
 * is beyond four times as much, or a quarter as much, ends at the edge. */
export const reach = (times: number): number => Math.max(-50, Math.min(50, 25 * Math.log2(times)));
