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
  begun: string;
  seen: string;
  ends: string;
  state: "open" | "locked";
  wall: boolean;
  mine: boolean;
};

export const sessions = (signal?: AbortSignal) => ask<Page<SignedIn>>("/sessions", { signal });
export const end = (id: string) => ask<void>(`/sessions/${encodeURIComponent(id)}`, { method: "DELETE" });
/** Ends everything that somebody holds here, now. */
export const cutOff = (person: string, reason: string) =>
  ask<{ sessions: number; tokens: number; vendors: number; accounts: number }>(`/people/${encodeURIComponent(person)}/cut-off`, { method: "POST", body: { reason } });
