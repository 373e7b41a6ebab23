import { ask, url } from "./client";
import type { Alert, AlertVerb, Interval, Page, Point, Summary } from "./types";

/** `offset_s`: seconds after the alert's event, or before. */
export type Near = { event: Summary; distance_m: number; bearing_deg: number; offset_s: number };

/** `faces`: whether its view holds the place; null where its direction is not known. */
export type CameraNear = {
  source: string;
  id: string;
  name: string;
  status: "online" | "offline" | "degraded" | "unknown";
  point: Point;
  distance_m: number;
  faces: boolean | null;
};

/** What was near. A group that the rule does not include is null; `search` is the line that finds the
 * plate reads. */
export type Context = {
  center: Point;
  radius_m: number;
  since: string;
  until: string;
  status: "ok" | "gap" | "running";
  search: string | null;
  units: Near[] | null;
  cameras: CameraNear[] | null;
  gaps: (Interval & { source: string })[];
  cut: string[];
};

/** A message about an alert on its way to somebody outside. `receipt`: the receiver's own name for it. */
export type Delivery = {
  id: number;
  channel: string;
  alert: number;
  created: string;
  attempts: number;
  next_try: string | null;
  state: "waiting" | "delivered" | "given_up";
  /** Given up because somebody acted on the alert: nothing failed. */
  stopped: boolean;
  error: string | null;
  receipt: string | null;
};

/** What a person looked at before a hit is confirmed. */
export type Check = "plate" | "region" | "picture" | "status";

const OPEN = "new,acknowledged";

/** Every one that is not closed. */
export async function open(signal?: AbortSignal): Promise<Alert[]> {
  const found: Alert[] = [];
  let before: string | undefined;
  do {
    const page = await ask<Page<Alert>>(url("/alerts", { state: OPEN, limit: 1000, before }), { signal });
    found.push(...page.items);
    before = page.next ?? undefined;
  } while (before);
  return found;
}

/** The newest that are closed. */
export const closed = (signal?: AbortSignal) =>
  ask<Page<Alert>>(url("/alerts", { state: "closed", limit: 500 }), { signal });
export const read = (id: string, signal?: AbortSignal) => ask<Alert>(`/alerts/${id}`, { signal });
export const context = (id: Alert["id"], signal?: AbortSignal) =>
  ask<Context>(`/alerts/${id}/context`, { signal });
export const act = (id: Alert["id"], verb: AlertVerb, more: { note?: string; confirmed?: Check[] } = {}) =>
  ask<Alert>(`/alerts/${id}/${verb}`, { method: "POST", body: more });
export const deliveries = (alert: Alert["id"], signal?: AbortSignal) =>
  ask<Page<Delivery>>(url("/deliveries", { alert }), { signal });
export const deliverAgain = (delivery: Delivery["id"]) =>
  ask<Delivery>(`/deliveries/${delivery}/again`, { method: "POST" });
