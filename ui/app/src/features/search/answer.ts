// The answer in one line: what was found, who could answer, what is missing.
import type { SearchDone, SourceAnswer } from "../../api";
import { quoted } from "../../lib/facts";
import { count, number } from "../../lib/words";

/** `threads`: how many things those found are about. */
export function answerLine(found: number, threads: number, done: SearchDone | null, answers: SourceAnswer[]): string {
  const about = threads && threads < found ? ` about ${count(threads, "thing")}` : "";
  const many = done?.at_least ? `At least ${number.format(found)} found` : found ? `${number.format(found)} found` : "Nothing found";
  if (!done) return `${number.format(found)} found so far`;
  return `${many}${about}, ${sources(answers)}`;
}

function sources(answers: SourceAnswer[]): string {
  const whole = answers.filter((answer) => answer.state === "ok").length;
  const all = count(answers.length, "source");
  return whole === answers.length ? `${all} answered` : `${whole} of ${all} answered in full`;
}

/** What keeps "nothing found" from meaning "nothing there". */
export function missing(answers: SourceAnswer[]): string[] {
  const tally = (state: SourceAnswer["state"]) => answers.filter((answer) => answer.state === state).length;
  const said: [SourceAnswer["state"], string, string][] = [
    ["timed_out", "timed out", "timed out"],
    ["unavailable", "could not be asked", "could not be asked"],
    ["partial", "answered in part", "answered in part"],
    ["gap", "has no data for part of that time", "have no data for part of that time"],
  ];
  return said.flatMap(([state, one, many]) => (tally(state) ? [`${tally(state)} ${tally(state) === 1 ? one : many}`] : []));
}

/** The question without one of its parts. */
export function without(q: string, part: string): string {
  const at = q.indexOf(part);
  return at < 0 ? q : `${q.slice(0, at)} ${q.slice(at + part.length)}`.replace(/\s+/g, " ").trim();
}

/** The question narrowed by a part; the same field given before is replaced. */
export function narrowed(q: string, field: string, value: string): string {
  const others = q.replace(new RegExp(`\\b${field}:("[^"]*"|\\S+)`, "g"), "").replace(/\s+/g, " ").trim();
  return `${others} ${field}:${quoted(value)}`.trim();
}
