import type { Account } from "../../api/break-glass";
import type { Tone } from "../../lib/words";

/** Failures since the last success that lock it (CJISSECPOL AC-7). */
const FAILURES = 5;

/** It closes so long after its first use; until then it closes later. */
const IN_USE = 72 * 3600_000;

export const isLocked = ({ failures }: Pick<Account, "failures">): boolean => failures >= FAILURES;

/** Whether somebody can sign in with it. */
const isOpen = ({ enabled, until }: Pick<Account, "enabled" | "until">, now: number): boolean => enabled !== null && until !== null && Date.parse(until) > now;

/** Unused it closes so long after it was opened. */
const WAITS = 90 * 24 * 3600_000;

/** One that was closes sooner, and for good. */
const wasUsed = ({ enabled, until }: Pick<Account, "enabled" | "until">): boolean => enabled !== null && until !== null && Date.parse(until) - Date.parse(enabled) < WAITS;

/** Whether this person may open it: not who made it, and a way to the data only a supervisor. */
export const canBeOpened = (account: Account, now: number, person: string | undefined, supervises: boolean): boolean =>
  !isOpen(account, now) && !wasUsed(account) && account.made_by !== person && (supervises || account.role === "agency_it");

export function accountWord(account: Account, now: number): [string, Tone] {
  if (isLocked(account)) return ["Locked", "amber"];
  if (isOpen(account, now)) return Date.parse(account.until!) - now > IN_USE ? ["Ready, not used", "green"] : ["Open", "amber"];
  return account.enabled ? ["Closed again", "grey"] : ["Waits for a second person", "blue"];
}
