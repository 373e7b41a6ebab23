import type { Schema } from "../lib/schema";
import { ask } from "./client";
import type { Page } from "./types";

export type Doable = {
  source: string;
  source_name: string;
  declaration: { name: string; title: string; help?: string | null; parameters: Schema; undo?: string | null };
};

export type Deed = {
  id: string;
  source: string;
  action: string;
  parameters: Record<string, unknown>;
  requested_by: string;
  asked: string;
  outcome: "done" | "refused" | "failed" | null;
  done: string | null;
  reference: string | null;
  detail: string | null;
};

export const doable = () => ask<Page<Doable>>("/actions");
/** The same key is done at most once. `alert`: because of which one it is done. */
export const act = (source: string, action: string, parameters: Record<string, unknown>, key: string, alert?: number) =>
  ask<Deed>("/deeds", { method: "POST", body: { source, action, parameters, idempotency_key: key, alert } });
export const undo = (id: string) => ask<Deed>(`/deeds/${encodeURIComponent(id)}/undo`, { method: "POST", body: {} });
