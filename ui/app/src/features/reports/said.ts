// Figures as people read them.
import type { Table } from "../../api/reports";
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

/** "2.1 ×", "0.33 ×": how often as much as in all districts together. */
export const timesSaid = (times: number): string => `${times >= 9.95 || times === 0 ? Math.round(times) : times.toFixed(times < 0.95 ? 2 : 1)} ×`;

/** How far a bar goes from the middle, in per cent of the whole width: a doubling is a quarter, and what
 * is beyond four times as much, or a quarter as much, ends at the edge. */
export const reach = (times: number): number => Math.max(-50, Math.min(50, 25 * Math.log2(times)));
