import type { Token } from "../../api/credentials";
import type { Tone } from "../../lib/words";
import { DAY } from "../../lib/time";

const SOON = 7 * DAY;

/** Whether a token still opens something, and for how long. */
export function tokenWord({ until, revoked }: Pick<Token, "until" | "revoked">, now: number): [string, Tone] {
  const left = Date.parse(until) - now;
  if (revoked) return ["Revoked", "grey"];
  if (left <= 0) return ["Over", "grey"];
  return left < SOON ? ["Ends soon", "amber"] : ["In force", "green"];
}
