// Why something waits for a review, and what a reviewer may say of it (docs/oversight.md,
// docs/vendors-see-the-person.md).
import type { oversight } from "../../api";
import type { Tone } from "../../lib/words";

export const SAMPLE = "sample";

const WHY: Record<string, string> = {
  [SAMPLE]: "Drawn by lot",
  repeated_target: "The same subject again and again",
  many_stories: "One subject, ever new reasons",
  off_hours: "Unusual hours for this person",
  vague_reason: "Words that say nothing",
  copied_reason: "The same words for many subjects",
  terms: "Words that somebody has to read",
  undeclared: "Another agency that was not declared",
  self_lookup: "Somebody looked up themselves",
  relative_lookup: "Somebody looked up a relative",
  colleague_lookup: "Somebody looked up a colleague",
  stretched: "Unusually far back",
  breadth: "Far more subjects than usual",
  one_by_one: "Records opened one by one",
  wide: "Very many agencies or cameras",
  purpose_mix: "Another mix of purposes than colleagues have",
  on_behalf: "Often for one other agency",
  event_crowd: "Many people at a public event",
  two_places: "One person at two places",
  owed: "Permitted on condition of a review",
  new_device: "A device that nobody knew",
  sharing: "A vendor shares what nobody approved",
  past_the_hub: "A search at the vendor, past this hub",
  not_at_vendor: "A look-up that the vendor's log does not have",
  differs: "The vendor's log says something else",
  thinned: "The vendor's log leaves out who or why",
  log_thinned: "The vendor's log has lost a column",
  log_unreadable: "The vendor's log cannot be read",
};

export const whyWord = (why: string): string => WHY[why] ?? why.replaceAll("_", " ");

export type Verdicts = { verdict: oversight.Verdict; key: string; word: string; tone: Tone; means: string };

/** In the order of the form. */
export const VERDICTS: Verdicts[] = [
  { verdict: "in_order", key: "o", word: "In order", tone: "green", means: "Their work explains it." },
  { verdict: "unclear", key: "u", word: "Unclear", tone: "amber", means: "It takes more than these records: the note says whom you ask." },
  { verdict: "misuse", key: "e", word: "Misuse: escalate", tone: "red", means: "Nothing explains it: the note says to whom you hand it on." },
];

export function verdictOf(verdict: oversight.Verdict): [word: string, tone: Tone] {
  const { word, tone } = VERDICTS.find((each) => each.verdict === verdict)!;
  return [word.split(":")[0]!, tone];
}
