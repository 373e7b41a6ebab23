import { ask } from "./client";
import type { Role } from "./session";
import type { Page } from "./types";

/** One person at one device. */
export type SignedIn = {
  id: string;
  person: string;
  name: string;
  agency: string;
  roles: Role[];
  address: string;
  device: string;
  /** What they look through, in words; empty where it said nothing. */
  program: string;
  begun: string;
  seen: string;
  ends: string;
  state: "open" | "locked";
  wall: boolean;
  mine: boolean;
};

export const sessions = (signal?: AbortSignal) => ask<Page<SignedIn>>("/sessions", { signal });
export const end = (id: string) => ask<void>(`/sessions/${encodeURIComponent(id)}`, { method: "DELETE" });
/** Where one is signed in oneself. */
export const own = (signal?: AbortSignal) => ask<Page<SignedIn>>("/session/screens", { signal });
export const endOwn = (id: string) => ask<void>(`/session/screens/${encodeURIComponent(id)}`, { method: "DELETE" });
/** Ends every session at a device, or of an agency, but one's own. */
export const signOutAll = (what: "devices" | "agencies", which: string) =>
  ask<{ sessions: number }>(`/${what}/${encodeURIComponent(which)}/sign-out`, { method: "POST" });
/** Ends everything that somebody holds here, now. */
export const cutOff = (person: string, reason: string) =>
  ask<{ sessions: number; tokens: number; vendors: number; accounts: number }>(`/people/${encodeURIComponent(person)}/cut-off`, { method: "POST", body: { reason } });
