// The forms of criminal intelligence: what part 23 wants to be said (28 CFR 23.20).
import type { Kept, Submission } from "../../api/intelligence";
import { fieldsOf, type Field } from "../../lib/schema";
import { spaced } from "../../lib/words";

const LONG = { type: "string", maxLength: 2000 };
const SHORT = { type: "string", maxLength: 200 };
const yes = (title: string) => ({ type: "boolean", title });
const all = (properties: Record<string, object>) => fieldsOf({ type: "object", properties: properties as never, required: Object.keys(properties) });

export const SUBMISSION: Field[] = all({
  subject: { ...SHORT, title: "Subject", description: "A person or an organisation that is suspected." },
  offence: { ...SHORT, title: "Offence" },
  activity: { ...LONG, title: "What they are suspected to do" },
  suspicion: { ...LONG, title: "Facts that make the suspicion reasonable" },
  submitter: { ...SHORT, title: "Who submits it" },
  agency: { ...SHORT, title: "Their agency" },
  control_official: { ...SHORT, title: "Control official", description: "Who there decides to whom it may go." },
  sensitivity: { type: "string", title: "Sensitivity", enum: ["unclassified", "sensitive", "confidential", "restricted"] },
  confidence: { type: "string", title: "Confidence in the source", enum: ["reliable", "usually_reliable", "unreliable", "unknown"] },
  lawfully_obtained: yes("It was obtained lawfully"),
  about_conduct: yes("It is about criminal conduct, not about views, religion or associations"),
});

export const RECIPIENT: Field[] = all({
  name: { ...SHORT, title: "Who gets it" },
  agency: { ...SHORT, title: "Their agency" },
  address: { ...SHORT, title: "Where corrections are sent" },
  need: { ...LONG, title: "Their need to know" },
  right: { ...LONG, title: "Their right to know" },
  follows_part_23: yes("They follow 28 CFR part 23"),
  imminent_danger: yes("It averts imminent danger to life or property"),
});

/** The record in lines, for people. */
export function factsOf(record: Kept): [name: string, said: string][] {
  const said = (name: string, kind: Field["kind"]) => {
    const value = record[name as keyof Submission & keyof Kept];
    return kind === "choice" ? spaced(value) : value;
  };
  return SUBMISSION.filter(({ kind }) => kind !== "yes_no").map(({ name, title, kind }) => [title, said(name, kind)]);
}
