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
