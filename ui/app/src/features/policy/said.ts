// A policy's changes and steps in words, and its difference line by line.
import type { policy } from "../../api";
import type { Tone } from "../../lib/words";

export const directionWord: Record<policy.Change["direction"], [string, Tone]> = {
  loosens: ["Loosens", "amber"],
  changes: ["Read this", "blue"],
  tightens: ["Tightens", "green"],
};

export const stepWord: Record<policy.Step["step"], string> = {
  proposed: "proposed",
  approved: "adopted",
  declined: "turned down",
};

/** A hash as people quote it. */
export const short = (version: string): string => version.slice(0, 12);

export type Line = { text: string; as: "file" | "place" | "added" | "removed" | "same" };

const BEGINS: [string, Line["as"]][] = [
  ["+++", "file"],
  ["---", "file"],
  ["@@", "place"],
  ["+", "added"],
  ["-", "removed"],
];

/** The lines of a unified difference. */
export function linesOf(text: string): Line[] {
  return text.split("\n").slice(0, -1).map((line) => ({ text: line, as: BEGINS.find(([sign]) => line.startsWith(sign))?.[1] ?? "same" }));
}

export const failed = (tests: policy.CaseRun[]): policy.CaseRun[] => tests.filter(({ differs }) => differs !== "");
