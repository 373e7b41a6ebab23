import { ask, BASE } from "./client";

export type Role = "analyst" | "supervisor" | "agency_it" | "auditor" | "records_officer" | "vendor_service" | "partner_agency" | "developer";

/** Who is signed in at this browser, and what they may do at all. */
export type Session = {
  /** What histories call them. */
  person: string;
  name: string;
  agency: string;
  roles: Role[];
  permissions: string[];
  state: "open" | "locked";
  /** What has to be read and acknowledged before anything else is answered. */
  banner: string | null;
  /** The request that is open: what is asked is asked for it. */
  request: string | null;
  /** When it locks unless somebody does something, and when a fresh sign-in is due. */
  locks: string;
  ends: string;
  /** A receive-only wall screen. */
  wall: boolean;
  /** The account of the hub's own, if by one: its password, and no provider, shows who they are. */
  break_glass: string | null;
};

export const read = () => ask<Session>("/session");
/** The same, as a question: nobody is not asked to sign in for it. */
export const still = () => ask<Session>("/session", { plain: true });
export const begin = (token: string) => ask<Session>("/session", { method: "POST", body: { token } });
export const beginHere = (account: string, password: string) => ask<Session>("/session/break-glass", { method: "POST", body: { account, password } });
/** Its person did something: it locks later. */
export const seen = () => ask<Session>("/session/seen", { method: "POST" });
export const acknowledge = () => ask<Session>("/session/acknowledge", { method: "POST" });
export const lock = () => ask<Session>("/session/lock", { method: "POST" });
/** From now on a wall screen: the way back is a new sign-in. */
export const wall = () => ask<Session>("/session/wall", { method: "POST" });
export const work = (request: string | null) => ask<Session>("/session/request", { method: "PUT", body: { request } });
/** `url`: where the identity provider signs them out as well. */
export const end = () => ask<{ url: string | null }>("/session", { method: "DELETE" });

/** Where the browser goes to sign in, and within the console comes back to. What stands here is
 * written into logs of others: it never says what somebody is looking at. */
export function signInAddress(to: "signed-in" | "confirmed", again = false): string {
  const query = new URLSearchParams({ to: `/#/${to}`, ...(again && { again: "true" }) });
  return `${BASE}/sign-in?${query}`;
}

/** Whom the agency names for people without access. */
export const whomToAsk = () =>
  ask<{ contact: string }>("/sign-in/contact").then(
    ({ contact }) => contact,
    () => "your agency's IT",
  );
