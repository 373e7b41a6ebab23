// Requests in the words of the desk.
import type { Channel, Entry, Need, Offence, Outcome, People, Purpose, Request, Review } from "../../api/requests";
import type { Tone } from "../../lib/words";

export const channelWord: Record<Channel, string> = {
  phone: "By phone",
  form: "By form",
  call: "From a call",
  neighbour: "From a neighbour",
  self: "On our own account",
};

export const outcomeWord: Record<Outcome, string> = {
  found: "Found",
  not_found: "Not found",
  not_used: "Found, not used",
};

const whyWord: Record<Review["why"], string> = {
  provisional: "It has no call and no case in time",
  emergency: "It is an emergency override",
  case_closed: "The case is closed",
  call_over: "The call ended long ago",
};

const NUMBER: Partial<Record<Need, string>> = {
  call: "Call number",
  case: "Case number",
  case_or_call: "Call or case number",
};

/** What the number of such a request is called; empty where it needs none. */
export const numberName = (purpose: Purpose | undefined): string =>
  purpose?.needs.map((need) => NUMBER[need]).find(Boolean) ?? "";

/** Whether it has to be said; an offence comes from the case where its system codes it. */
export const needs = (purpose: Purpose | undefined, need: Need): boolean => purpose?.needs.includes(need) ?? false;

/** The offence as it was typed; one that was left as it is stays of its own list. */
export const offenceOf = (code: string, before: Offence | null): Offence | null =>
  code === before?.code ? before : code ? { code } : null;

/** Where it stands, in a word and its tone. */
export function standing(request: Pick<Request, "state" | "late" | "outcome" | "worker">): [string, Tone] {
  if (request.state === "in_review") return ["In review", "amber"];
  if (request.state === "cancelled") return ["Cancelled", "grey"];
  if (request.state === "done") return [request.outcome ? outcomeWord[request.outcome] : "Done", "grey"];
  if (request.late) return ["Late", "amber"];
  return request.worker ? ["Worked on", "blue"] : ["Nobody yet", "amber"];
}

/** For whom, in a line: who asked, their agency, on whose behalf. */
export function forWhom(request: Pick<Request, "requester" | "agency" | "on_behalf_of_person">, agencyName: (id: string) => string): string {
  const agency = request.agency ? agencyName(request.agency) : null;
  const behalf = request.on_behalf_of_person ? `for ${request.on_behalf_of_person}` : null;
  return [request.requester, agency, behalf].filter(Boolean).join(", ");
}

/** What a line of its history says besides; of one who took it, nothing that is not said. */
export function noteSaid({ did, note }: Pick<Entry, "did" | "note">, people: People): string {
  if (did === "taken") return "";
  if (did === "handed over") return `To ${people[note] ?? note}`;
  return outcomeWord[note as Outcome] ?? note;
}

/** What waits for somebody else's eye, in a sentence. */
export const reviewSaid = (review: Pick<Review, "why" | "overdue">): string =>
  `${whyWord[review.why]}${review.overdue ? "; its review is overdue" : ""}.`;

/** The same rule as the hub's: two lines with words, forty characters together. */
export function isReasoned(reason: string): boolean {
  const lines = reason.split("\n").map((line) => line.trim()).filter((line) => /\p{L}/u.test(line));
  return lines.length >= 2 && lines.reduce((sum, line) => sum + line.length, 0) >= 40;
}
