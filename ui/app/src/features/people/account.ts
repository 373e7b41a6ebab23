import type { Account } from "../../api/break-glass";
import type { Tone } from "../../lib/words";

/** Failures since the last success that lock it (CJISSECPOL AC-7). */
const FAILURES = 5;

export const isLocked = ({ failures }: Pick<Account, "failures">): boolean => failures >= FAILURES;

/** Whether somebody can sign in with it. */
const isOpen = ({ enabled, until }: Pick<Account, "enabled" | "until">, now: number): boolean => enabled !== null && until !== null && Date.parse(until) > now;

/** Whether this person may open it: no one that was used before, not who made it, and a way to the data only a supervisor. */
export const canBeOpened = (account: Account, now: number, person: string | undefined, supervises: boolean): boolean =>
  !isOpen(account, now) && account.used === null && account.made_by !== person && (supervises || account.role === "agency_it");

export function accountWord(account: Account, now: number): [string, Tone] {
  if (isLocked(account)) return ["Locked", "amber"];
  if (isOpen(account, now)) return account.used === null ? ["Ready, not used", "green"] : ["Open", "amber"];
  return account.enabled ? ["Closed again", "grey"] : ["Waits for a second person", "blue"];
}
