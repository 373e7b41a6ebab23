// The order of the inbox: what nobody has taken first, then danger before the rest, then the newest.
import type { Alert, AlertState, Severity } from "../../api";

const STATES: Record<AlertState, number> = { new: 0, acknowledged: 1, closed: 2 };
const SEVERITIES: Record<Severity, number> = { danger: 0, high: 1, medium: 2, low: 3 };

export function inOrder(alerts: Alert[]): Alert[] {
  return alerts.toSorted(
    (a, b) =>
      STATES[a.state] - STATES[b.state] ||
      SEVERITIES[a.severity] - SEVERITIES[b.severity] ||
      b.raised.localeCompare(a.raised),
  );
}
