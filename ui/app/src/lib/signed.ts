// What a session says about itself, in the words of the people who have one.
import type { Role, Session } from "../api/session";
import { MINUTE } from "./time";

/** How long before its end a fresh sign-in is asked for. */
const AHEAD_MS = 15 * MINUTE;

/** What stands between a person and the console. */
export type Phase = "out" | "locked" | "banner" | "in";

/** A screen locks by its own clock as well: it does so when the hub cannot be reached. */
export function phaseOf(who: Session | null, now: number): Phase {
  if (!who) return "out";
  const idle = !who.wall && now >= Date.parse(who.locks);
  if (who.state === "locked" || idle || now >= Date.parse(who.ends)) return "locked";
  return who.banner ? "banner" : "in";
}

/** Whether it is time to say that a fresh sign-in is due. */
export const endsSoon = (who: Session, now: number): boolean => Date.parse(who.ends) - now <= AHEAD_MS;

export const roleWord: Record<Role, string> = {
  analyst: "Analyst",
  supervisor: "Supervisor",
  agency_it: "Agency IT",
  auditor: "Auditor",
  records_officer: "Records officer",
  vendor_service: "Vendor service",
  partner_agency: "Partner agency",
  developer: "Developer",
};
