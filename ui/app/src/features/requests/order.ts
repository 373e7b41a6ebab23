// The order of the desk: what is late first, then emergencies and what is urgent, then what has waited longest.
import type { Request } from "../../api/requests";

type Row = Pick<Request, "late" | "priority" | "purpose" | "opened">;

const PRIORITIES = { urgent: 0, normal: 1, low: 2 };

const rank = ({ priority, purpose }: Row): number => (purpose === "emergency_override" ? 0 : PRIORITIES[priority]);

export function inOrder<R extends Row>(rows: R[]): R[] {
  return rows.toSorted(
    (a, b) =>
      Number(b.late) - Number(a.late) ||
      rank(a) - rank(b) ||
      a.opened.localeCompare(b.opened),
  );
}
