import { ask, url } from "./client";
import type { Page, Severity } from "./types";

export type Rule = {
  id: string;
  enabled: boolean;
  state: "active" | "disabled" | "broken" | "erroring" | "waiting";
  reason: string;
  document: string;
  title: string;
  /** Null where the list says how severe a hit is. */
  severity: Severity | null;
  description: string | null;
  changed: string;
  changed_by: string;
};

export type HotList = {
  id: string;
  name: string;
  owner: string;
  reason: string;
  severity: Severity;
  share_unverified: boolean;
  entries: number;
  state: "in_force" | "loading";
  changed: string;
};

export type DeadLetter = {
  id: number;
  source: string;
  code: string;
  detail: string;
  connector: string;
  hub_version: string;
  received: string;
  attempts: number;
  state: "waiting" | "redriven" | "dropped";
  bytes: number;
  remedy: string;
  raw?: string;
};

export const rules = () => ask<Page<Rule>>("/rules");
export const hotLists = () => ask<Page<HotList>>("/hot-lists");
export const deadLetters = (source: string | null) =>
  ask<Page<DeadLetter>>(url("/dead-letters", { source, limit: 500 }));
export const deadLetter = (id: number) => ask<DeadLetter>(`/dead-letters/${id}`);
export const redrive = (ids: number[]) =>
  ask<{ accepted: number; failed: number; queued: number; needs_vendor: number }>("/dead-letters/redrive", { method: "POST", body: { ids } });
export const drop = (ids: number[]) =>
  ask<{ dropped: number }>("/dead-letters/drop", { method: "POST", body: { ids } });
