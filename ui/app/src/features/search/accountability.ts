// The accountability card in words.
import type { Accountability } from "../../api";

/** "the auditor, the records officer and whoever reviews it". */
export function listed(words: string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** For what, and who will see it, in one line. */
export function accountFor({ purpose, case: number, request, seen_by }: Accountability): string {
  const seen = seen_by.length ? `seen by ${listed(seen_by)}` : "";
  return [`For ${purpose}, ${number ?? request}`, seen].filter(Boolean).join(" · ");
}
