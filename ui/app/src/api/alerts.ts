import { ask, url } from "./client";
import type { Alert, AlertVerb, NearCamera, Page, Position, Summary } from "./types";

export type Context = {
  reads: Summary[];
  units: Position[];
  cameras: NearCamera[];
  within_m?: number;
  minutes?: number;
};

export const list = (signal?: AbortSignal) => ask<Page<Alert>>(url("/alerts", { limit: 500 }), { signal });
export const read = (id: Alert["id"], signal?: AbortSignal) => ask<Alert>(`/alerts/${id}`, { signal });
export const context = (id: Alert["id"], signal?: AbortSignal) =>
  ask<Context>(`/alerts/${id}/context`, { signal });
export const act = (id: Alert["id"], verb: AlertVerb, note?: string) =>
  ask<Alert>(`/alerts/${id}/${verb}`, { method: "POST", body: note ? { note } : {} });
