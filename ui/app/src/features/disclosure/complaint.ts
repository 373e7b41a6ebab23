// A complaint as people say it.
import type { Complaint, Finding, SubjectOf, Traces } from "../../api/reports";
import { count, type Tone } from "../../lib/words";

export const subjectWord: Record<SubjectOf, string> = { plate: "A plate", name: "A name", phone: "A phone", address: "An address" };

export const findingWord: Record<Finding, string> = {
  nothing_found: "Nothing was found",
  use_justified: "It was used, and rightly",
  use_not_justified: "It was used, and wrongly",
  not_about_this_hub: "It is not about this hub",
};

/** Where it stands, and what is to be done next. */
export function standing({ traces, answered }: Pick<Complaint, "traces" | "answered">): [string, Tone] {
  if (answered) return ["Answered", "grey"];
  return traces ? ["To be answered", "amber"] : ["To be searched", "amber"];
}

/** "41 records by 3 people, 2 of them refused". */
export function tracesSaid({ total, persons, denied, by_pattern }: Traces): string {
  const besides = by_pattern ? `; ${count(by_pattern, "question")} more by a part of it or among words may have shown it` : "";
  if (!total) return `The log has nothing about it${besides}`;
  return `${count(total, "record")} by ${count(persons, "person", "people")}${denied ? `, ${denied === 1 ? "1 of them" : `${denied} of them`} refused` : ""}${besides}`;
}

/** What is published: numbers, and what was found. */
export function countsOf(complaints: Complaint[]): { received: number; open: number; found: [string, number][] } {
  const answered = complaints.filter((each) => each.answered);
  const found = (Object.keys(findingWord) as Finding[]).map((finding): [string, number] => [findingWord[finding], answered.filter((each) => each.finding === finding).length]);
  return { received: complaints.length, open: complaints.length - answered.length, found: found.filter(([, n]) => n) };
}
