import { ask, url } from "./client";
import type { Page } from "./types";

/** A credential that runs out. `days` are those left; `known` tells whether it says so itself. */
export type Due = {
  owner: string;
  name: string;
  title: string;
  expires: string;
  days: number;
  stage: number | null;
  known: "certificate" | "token" | "person";
  said_by: string | null;
};

/** A credential in the hands of a process, by fingerprint. */
export type Lease = {
  source: string;
  name: string;
  connector: string;
  fingerprint: string;
  process: number;
  since: string;
  last: string;
  times: number;
  until: string | null;
  ended: "replaced" | "worker_ended" | "hub_ended" | "cut_off" | null;
};

/** While `old_processes` go by the value before, it must not be withdrawn at the vendor. */
export type Rotation = { source: string; name: string; overlap_until: string | null; in_use: boolean; old_processes: number[] };

/** A month's budget and what it has cost so far. */
export type Budget = {
  source: string;
  currency: string;
  cents: number | null;
  lookups: number | null;
  each_cents: number;
  since: string;
  spent_cents: number;
  spent_lookups: number;
  also: Record<string, number>;
  share: number;
  state: "ok" | "near" | "spent";
  changed: string;
  changed_by: string;
};

export type NewBudget = Pick<Budget, "cents" | "currency" | "lookups" | "each_cents">;

export type Charge = {
  at: string;
  source: string;
  offer: string;
  request: string;
  person: string;
  purpose: string;
  cents: number;
  currency: string;
  emergency: boolean;
  outcome: string | null;
};

/** A vendor's system that may hand over the events of one push source. */
export type Token = {
  id: string;
  holder: string;
  permission: string;
  source: string | null;
  made: string;
  made_by: string;
  until: string;
  revoked: string | null;
};

const path = (source: string, name: string) => `/sources/${encodeURIComponent(source)}/credentials/${encodeURIComponent(name)}`;
const budget = (source: string) => `/budgets/${encodeURIComponent(source)}`;

export const calendar = (signal?: AbortSignal) => ask<Page<Due>>("/credentials/calendar", { signal });
export const sayExpiry = (source: string, name: string, expires: string | null) =>
  ask<void>(`${path(source, name)}/expiry`, { method: "PUT", body: { expires } });
export const ledger = (open: boolean, signal?: AbortSignal) => ask<Page<Lease>>(url("/credentials/ledger", { open: String(open) }), { signal });
export const rotate = (source: string, name: string, value: Record<string, string>, overlap_s: number) =>
  ask<Rotation>(`${path(source, name)}/rotate`, { method: "POST", body: { value, overlap_s } });
export const rotation = (source: string, name: string) => ask<Rotation>(`${path(source, name)}/rotate`);
/** Switches the source off and takes back what its workers have in hand. */
export const endLeases = (source: string) => ask<{ ended: number }>(`/sources/${encodeURIComponent(source)}/leases/end`, { method: "POST" });
export const budgets = (signal?: AbortSignal) => ask<Page<Budget>>("/budgets", { signal });
export const setBudget = (source: string, wanted: NewBudget) => ask<Budget>(budget(source), { method: "PUT", body: wanted });
export const removeBudget = (source: string) => ask<void>(budget(source), { method: "DELETE" });
export const charges = (signal?: AbortSignal) => ask<Page<Charge>>("/charges", { signal });
export const tokens = (signal?: AbortSignal) => ask<Page<Token>>("/tokens", { signal });
/** The secret is in this answer and never again. */
export const makeToken = (holder: string, source: string, days: number) =>
  ask<{ token: Token; secret: string }>("/tokens", { method: "POST", body: { holder, source, days } });
export const revokeToken = (id: string) => ask<Token>(`/tokens/${encodeURIComponent(id)}`, { method: "DELETE" });
