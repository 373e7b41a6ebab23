// An alert in words, each thing said once: the hub's title is the rule's with the event's behind it.
import type { Alert, settings } from "../../api";

type Rule = Pick<settings.Rule, "title" | "description"> | undefined;

/** What happened, without the rule's title, which stands beside it. */
export function headlineOf(alert: Pick<Alert, "title">, rule: Rule): string {
  const before = `${rule?.title}: `;
  return rule && alert.title.startsWith(before) ? alert.title.slice(before.length) : alert.title;
}

/** Why it fired, in a line: whose list for a hit, else what the rule says of itself. */
export function whyOf(alert: Pick<Alert, "reason" | "hot_list">, rule: Rule): string {
  return (!alert.hot_list && rule?.description?.split(". ")[0]) || alert.reason;
}

/** Nobody here has seen it, and somebody outside was not told. What is given up after somebody acted
 * is not needed any more. */
export const isUndelivered = (alert: Pick<Alert, "state" | "deliveries">): boolean => alert.state === "new" && alert.deliveries.given_up > 0;
