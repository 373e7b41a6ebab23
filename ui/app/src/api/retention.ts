import { ask, open, url } from "./client";
import type { Page } from "./types";

/** What a law or order says: a cap or a floor for a kind of data, off until somebody answers for it.
 * `mark`: the text was read (D), it is reported (R), or it was not read again (U). */
export type Preset = {
  id: string;
  title: string;
  kind: string;
  citation: string;
  mark: "D" | "R" | "U";
  cap: string | null;
  floor: string | null;
  notes: string;
  caution: string;
};

/** A preset in use; `counsel` confirmed it. Without sources it is for all. */
export type SwitchedOn = { preset: string; counsel: string; sources?: string[] };
export type OwnRule = { id: string; kind: string; reason: string; cap?: string | null; floor?: string | null; source?: string | null; handling?: string | null };
export type Schedule = { presets?: SwitchedOn[]; rules?: OwnRule[] };

/** Version 0: nobody chose anything, and the strict defaults count. */
export type InForce = { version: number; schedule: Schedule; presets: Preset[] };

export type Proposed = {
  version: number;
  schedule: Schedule;
  proposed: string;
  proposed_by: string;
  approved: string | null;
  approved_by: string | null;
};

export type Limit = { time: string; rule: string };

/** What counts for one kind of a source's data; `due`: how many are over, held ones among them. */
export type Line = {
  source: string;
  source_name: string;
  kind: string;
  handlings: string[];
  cap: Limit;
  floor: Limit | null;
  contradiction: boolean;
  before: string;
  due: number;
};

/** The run under way, or the last. Without `begun` it was asked for and begins. */
export type Progress = {
  running: boolean;
  begun: string | null;
  ended: string | null;
  stream: string | null;
  due: number;
  deleted: number;
  held: number;
  contradictions: string[];
  receipts: number[];
  problem: string | null;
};

/** `root`: the Merkle root (RFC 6962) over the commitments to the deleted ids. */
export type Receipt = {
  no: number;
  source: string;
  kind: string;
  rule: string;
  schedule: number;
  before: string;
  count: number;
  oldest: string;
  newest: string;
  begun: string;
  ended: string | null;
  root: string | null;
};

export type Receipts = { items: Receipt[]; next: number | null };
export type Proof = { receipt: Receipt; at: string; index: number; blind: string; path: string[] };
/** Whose deletion is to be proven. */
export type Sought = { source: string; id: string; kind: string };

export type KeyKind = "plate" | "call" | "incident" | "report" | "event" | "asset" | "unit" | "address" | "phone";
/** All given parts must hold. Times are microseconds since 1970. */
export type Covered = { keys?: [KeyKind, string | null][]; sources?: string[]; kinds?: string[]; since?: number; until?: number };

/** Case, reasons and the values of keys are not told to whoever reads no requests. */
export type Hold = {
  id: string;
  state: "in_force" | "ending" | "expired" | "released";
  case_number: string | null;
  reason: string | null;
  approver: string;
  made: string;
  expires: string;
  what: Covered;
  released: string | null;
  released_by: string | null;
  /** Since when it is known that it may end. */
  let_go: string | null;
  let_go_by: string | null;
  extensions: { at: string; by: string; approver: string; reason: string | null; until: string }[];
};

/** `own`: the signed-in person answers for it. */
export type EndingHold = Pick<Hold, "id" | "case_number" | "approver" | "expires"> & { own: boolean };
export type MoreTime = Pick<Hold, "approver" | "expires"> & { reason: string };

export type NewHold = MoreTime & {
  case_number: string;
  what: { keys?: { kind: KeyKind; value: string }[]; sources?: string[]; since?: string; until?: string };
};

export const inForce = (signal?: AbortSignal) => ask<InForce>("/retention", { signal });
export const presets = (signal?: AbortSignal) => ask<Page<Preset>>("/retention/presets", { signal });
export const plan = (signal?: AbortSignal) => ask<Page<Line>>("/retention/plan", { signal });
export const proposals = (signal?: AbortSignal) => ask<Page<Proposed>>("/retention/proposals", { signal });
export const propose = (document: Schedule) => ask<Proposed>("/retention/proposals", { method: "POST", body: { document } });
export const approve = (version: number) => ask<InForce>(`/retention/proposals/${version}/approve`, { method: "POST" });
export const progress = (signal?: AbortSignal) => ask<Progress>("/retention/purge", { signal });
export const purge = () => ask<Progress>("/retention/purge", { method: "POST" });
export const receipts = (before: number | null = null, signal?: AbortSignal) =>
  ask<Receipts>(url("/retention/receipts", { before, limit: 50 }), { signal });
export const receiptFile = async (no: number) => (await open(`/retention/receipts/${no}`)).blob();
export const prove = (sought: Sought) => ask<Proof>(url("/retention/proof", sought));
export const holds = (signal?: AbortSignal) => ask<Page<Hold>>("/retention/holds", { signal });
export const place = (hold: NewHold) => ask<Hold>("/retention/holds", { method: "POST", body: hold });
export const endingHolds = (signal?: AbortSignal) => ask<Page<EndingHold>>("/retention/holds/ending", { signal });
export const extend = (id: string, more: MoreTime) => ask<Hold>(`/retention/holds/${id}/extend`, { method: "POST", body: more });
export const letGo = (id: string) => ask<Hold>(`/retention/holds/${id}/let-go`, { method: "POST" });
export const release = (id: string) => ask<Hold>(`/retention/holds/${id}`, { method: "DELETE" });
