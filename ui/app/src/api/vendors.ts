import { ask, url } from "./client";
import type { Page } from "./types";

export type Field = "user" | "organisation" | "subject" | "reason" | "case_number";

/** How a vendor's own log stands: whole up to `until`, held against the hub's up to `compared`. `fields`
 * are the most that it ever said; `problem` is why it could not be read the last time. */
export type Log = {
  source: string;
  until: string;
  compared: string;
  tried: string;
  late: boolean;
  rows: number;
  fields: Field[];
  problem: string | null;
  detail: string;
};

/** A search, as the vendor's log has it. `record`: the hub's record of it, where the vendor kept that. */
export type Row = {
  id: string;
  at: string;
  user: string | null;
  organisation: string | null;
  case_number: string | null;
  record: string | null;
};

export const logs = (signal?: AbortSignal) => ask<Page<Log>>("/vendor-logs", { signal });
export const rows = (source: string, since: string, until: string, signal?: AbortSignal) =>
  ask<Page<Row>>(url(`/vendor-logs/${encodeURIComponent(source)}`, { since, until }), { signal });
/** Pulls and compares now; how many findings are new. */
export const compare = () => ask<{ new: number }>("/vendor-logs/compare", { method: "POST" });
