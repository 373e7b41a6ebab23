// Credentials and their costs as people say them.
import type { Budget, Due, Lease } from "../../api/credentials";
import { count, number, type Tone } from "../../lib/words";

/** How near its end it is. */
export function dueWord({ days }: Pick<Due, "days">): [string, Tone] {
  if (days < 0) return ["Over", "amber"];
  if (days === 0) return ["Ends today", "amber"];
  return [`${count(days, "day")} left`, days < 30 ? "amber" : "grey"];
}

export const knownWord: Record<Due["known"], string> = {
  certificate: "The certificate says so",
  token: "The token says so",
  person: "Somebody said so",
};

export const endedWord: Record<NonNullable<Lease["ended"]>, string> = {
  replaced: "Replaced",
  worker_ended: "Its process ended",
  hub_ended: "The hub ended",
  cut_off: "Taken back",
};

export const budgetWord: Record<Budget["state"], [string, Tone]> = {
  ok: ["Within its budget", "green"],
  near: ["Nearly spent", "amber"],
  spent: ["Spent: only emergencies are asked", "amber"],
};

/** An amount in its currency, as it is written in English: "USD 12.50" shows as "$12.50". */
export function money(cents: number, currency: string): string {
  try {
    return new Intl.NumberFormat("en-US", { style: "currency", currency }).format(cents / 100);
  } catch {
    return `${number.format(cents / 100)} ${currency}`;
  }
}

/** Hundredths of what somebody typed as an amount; null for nothing, NaN for what is none. */
export function centsOf(typed: string): number | null {
  const said = typed.trim().replaceAll(",", "");
  if (!said) return null;
  return /^\d+(\.\d{1,2})?$/.test(said) ? Math.round(Number(said) * 100) : NaN;
}

/** What is spent of what may be: "$12.50 of $200.00, 5 of 500 questions". */
export function spentSaid({ cents, lookups, currency, spent_cents, spent_lookups }: Budget): string {
  const amount = cents === null ? money(spent_cents, currency) : `${money(spent_cents, currency)} of ${money(cents, currency)}`;
  const asked = lookups === null ? count(spent_lookups, "question") : `${number.format(spent_lookups)} of ${count(lookups, "question")}`;
  return `${amount}, ${asked}`;
}
