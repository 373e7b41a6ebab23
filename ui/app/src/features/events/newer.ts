// Whether an event has been overtaken: an old state of a call must not be read as what is so now.
import type { Summary } from "../../api";

type Board = { calls: Map<string, Summary>; gunshots: Map<string, Summary> };

/** The state on the board of the same thing, where it came later. */
export function newerThan(event: Pick<Summary, "subject" | "seq">, board: Board): Summary | null {
  const now = event.subject ? (board.calls.get(event.subject) ?? board.gunshots.get(event.subject)) : undefined;
  return now && now.seq > event.seq ? now : null;
}
