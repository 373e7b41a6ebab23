// Records in sentences: who did what, for what, with what result, by which rule.
import type { audit } from "../../api";
import { purposeTitle } from "../../lib/purposes";
import { count, number, spaced, type Tone } from "../../lib/words";
import { VERBS } from "./verbs";

type Entry = audit.Entry;

export const outcomeWord: Record<audit.Outcome, [string, Tone]> = {
  done: ["Done", "grey"],
  denied: ["Refused", "amber"],
  failed: ["Failed", "red"],
};

/** An answer is recorded after the question that it is to; here the two stand together. What came to nothing was recorded
 * as done before it was begun: here it stands as it ended. */
export type Row = audit.Numbered & { results: number | null };

const ANSWER = "answer.given";

export function rowsOf(records: audit.Numbered[]): Row[] {
  const answers = new Map(records.flatMap(({ entry }) => (entry.event === ANSWER && entry.object?.id ? [[entry.object.id, entry] as const] : [])));
  const asked = new Set(records.map(({ entry }) => entry.id));
  const inVain = new Set(records.filter(({ entry }) => entry.outcome !== "done").map(({ entry }) => entry.more?.attempt));
  return records
    .filter(({ entry }) => !inVain.has(entry.id))
    .filter(({ entry }) => entry.event !== ANSWER || !asked.has(entry.object?.id ?? ""))
    .map((record) => ({ ...record, results: answers.get(record.entry.id)?.count ?? record.entry.count ?? null }));
}

const ROUTINE = new Set(["setting.viewed", "hub.viewed", "live.viewed", "feed.opened", "feed.closed", "alert.viewed", "request.viewed", "audit.read"]);

/** What a screen fetches to show itself: recorded like everything, and seldom what is looked for. */
export const isRoutine = ({ event, outcome, purpose, object }: Entry): boolean =>
  outcome === "done" && !purpose && (ROUTINE.has(event) || (event === "asset.viewed" && !object?.id));

/** "ana.ruiz searched: a plate", "The hub started". */
export function sentence(entry: Entry): string {
  const [did, todo] = VERBS[entry.event] ?? [spaced(entry.event).toLowerCase(), spaced(entry.event).toLowerCase()];
  const what = entry.outcome === "done" ? did : entry.outcome === "denied" ? `was refused when trying to ${todo}` : `tried to ${todo}, and it failed`;
  return [`${whoOf(entry)} ${what}`, aboutOf(entry)].filter(Boolean).join(": ");
}

export const whoOf = (entry: Entry): string => entry.operator?.handle ?? entry.operator?.id ?? (entry.event.startsWith("session.") ? "Somebody" : "The hub");

/** What it was about, without saying whom. */
function aboutOf({ subject, object }: Entry): string {
  if (subject && subject.kind !== "rule") return subject.kind === "search" ? "" : `a ${spaced(subject.kind).toLowerCase()}`;
  return object?.id ?? "";
}

/** For which call, case or request, and under which purpose. */
export function purposeOf({ purpose }: Entry): string {
  if (!purpose) return "";
  const tied = purpose.call ?? purpose.case ?? purpose.request;
  return [purposeTitle(purpose.code), tied].filter(Boolean).join(", ");
}

/** What came of it and why it could be. */
export function resultOf(entry: Entry, results: number | null): string {
  const rules = entry.decision?.rules ?? [];
  const found = results === null ? "" : count(results, "result");
  const why = entry.outcome !== "done" ? spaced(entry.decision?.reason ?? "") : rules.length ? `by rule ${rules.join(", ")}` : "";
  return [found, why].filter(Boolean).join(" · ");
}

export type Told = { name: string; text: string; mono?: boolean; time?: string };

/** Every field of a record that says something, in plain words. */
export function factsOf(entry: Entry): Told[] {
  const { operator, origin, purpose, decision, lookback, on_behalf_of } = entry;
  const said: [string, string | number | undefined | null, ("mono" | "time")?][] = [
    ["Happened", entry.at, "time"],
    ["Clock said", entry.clock, "time"],
    ["Outcome", outcomeWord[entry.outcome][0]],
    ["By", operator && [operator.handle, operator.agency, operator.ori].filter(Boolean).join(", ")],
    ["Person's id", operator?.id, "mono"],
    ["Asked for by", entry.requester],
    ["On behalf of", on_behalf_of && [on_behalf_of.person, on_behalf_of.agency].filter(Boolean).join(", ")],
    ["Also received by", entry.secondary_recipient],
    ["Purpose", purpose && purposeTitle(purpose.code)],
    ["Offence", purpose?.offence, "mono"],
    ["Case", purpose?.case, "mono"],
    ["Call", purpose?.call, "mono"],
    ["Order", purpose?.order, "mono"],
    ["Warrant", purpose?.warrant, "mono"],
    ["Declaration", purpose?.declaration, "mono"],
    ["Declared to be about", purpose?.about?.map(spaced).join(", ")],
    ["Request", purpose?.request, "mono"],
    ["Checked against", purpose?.checked],
    ["Done to", entry.object && [spaced(entry.object.kind), entry.object.id].filter(Boolean).join(" ")],
    ["Searched from", lookback?.since, "time"],
    ["Searched until", lookback?.until, "time"],
    ["Asked of", entry.scope?.join(", ")],
    ["Results", entry.count === undefined ? undefined : number.format(entry.count)],
    ["Rules", decision?.rules?.join(", "), "mono"],
    ["Reason of the refusal", entry.outcome === "denied" ? decision?.reason : undefined, "mono"],
    ["What went wrong", entry.outcome === "failed" ? decision?.reason : undefined, "mono"],
    ["Decision", decision?.id, "mono"],
    ["From address", origin?.address, "mono"],
    ["Device", origin?.device, "mono"],
    ["Session", entry.session, "mono"],
    ["Took", entry.took_ms === undefined ? undefined : `${number.format(entry.took_ms)} ms`],
    ["Sent", entry.bytes_out === undefined ? undefined : `${number.format(entry.bytes_out)} bytes`],
    ["Received", entry.bytes_in === undefined ? undefined : `${number.format(entry.bytes_in)} bytes`],
    ["SHA-256 of it", entry.sha256, "mono"],
    ...Object.entries(entry.more ?? {}).map(([name, value]): [string, string] => [spaced(name), String(value)]),
  ];
  return said.flatMap(([name, text, how]) => (text == null || text === "" ? [] : [{ name, text: String(text), mono: how === "mono", time: how === "time" ? String(text) : undefined }]));
}
