import { ask, open, url } from "./client";

export type Outcome = "done" | "denied" | "failed";

/** A value about a person: the same value has the same `key`, and nobody reads it without opening it. */
export type Sealed = { kind: string; month: string; key: string; box: string };

/** One record, as docs/audit.md describes it. */
export type Entry = {
  at: string;
  clock?: string;
  id: string;
  event: string;
  outcome: Outcome;
  operator?: { id: string; handle?: string; agency?: string; ori?: string };
  requester?: string;
  on_behalf_of?: { agency: string; person?: string };
  secondary_recipient?: string;
  session?: string;
  origin?: { address?: string; device?: string };
  purpose?: { code: string; offence?: string; case?: string; call?: string; order?: string; request?: string; checked?: string; warrant?: string; declaration?: string; about?: string[]; asked?: Sealed; reason?: Sealed };
  decision?: { id: string; rules?: string[]; reason?: string };
  object?: { kind: string; id?: string };
  subject?: Sealed;
  lookback?: { since?: string; until?: string };
  scope?: string[];
  count?: number;
  sha256?: string;
  took_ms?: number;
  bytes_in?: number;
  bytes_out?: number;
  more?: Record<string, string | number | boolean | null>;
};

export type Numbered = { index: number; entry: Entry };
export type Records = { items: Numbered[]; next: number | null };

export type State = {
  size: number;
  healthy: boolean;
  since: string;
  reason: string;
  /** The verifier key (c2sp.org/signed-note). */
  key: string;
  checkpoint: string | null;
  witness_key: string;
  witnesses: { name: string; size: number; at: string | null; problem: string | null }[];
  inspected: { at: string; holds: boolean; records: number; copies: Record<string, string> } | null;
  troubles: { code: string; fault: string; detail: string; remedy: string; since: string }[];
};

export type Where = Partial<Record<"operator" | "event" | "outcome" | "purpose" | "case" | "of_request" | "since" | "until", string>>;

const LIMIT = 100;

export const records = (where: Where, cursor: number | null, signal?: AbortSignal) =>
  ask<Records>(url("/audit", { ...where, cursor, limit: LIMIT }), { signal });
export const record = (index: number, signal?: AbortSignal) => ask<Numbered>(`/audit/${index}`, { signal });
export const state = (signal?: AbortSignal) => ask<State>("/audit/state", { signal });
/** That the record is in the log, for whoever has the log's key. */
export const proof = async (index: number) => (await open(`/audit/${index}/proof`)).blob();
/** What is sealed in it. Null where there is nothing, or its month's key was destroyed. */
export const unseal = (index: number, reason: string) =>
  ask<{ subject: string | null; asked: string | null; reason: string | null }>(`/audit/${index}/unseal`, { method: "POST", body: { reason } });
/** The records of some time with their proof: a ZIP archive that anybody checks with the log's key. */
export const exported = async (since: string, until: string) => (await open(url("/audit/export", { since, until }))).blob();
