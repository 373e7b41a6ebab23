import type { Numbered } from "./audit";
import { ask, url } from "./client";
import type { Page } from "./types";

export type Verdict = "in_order" | "unclear" | "misuse";
export type Listing = "waiting" | "overdue" | "signed";

/** Something that somebody who had no part in it looks at. `why`: a detector's name, or "sample".
 * `records`: places in the audit log. */
export type Review = {
  id: string;
  week: string;
  why: string;
  person: string;
  name: string;
  agency: string;
  words: string;
  records: number[];
  raised: string;
  due: string;
  overdue: boolean;
  verdict: Verdict | null;
  reviewer: string | null;
  signed: string | null;
  note: string;
};

export type WithRecords = { review: Review; records: Numbered[] };
export type Standing = { waiting: number; overdue: number; signed: number; oldest_due: string | null };

export const reviews = (show: Listing, signal?: AbortSignal) => ask<Page<Review>>(url("/oversight/reviews", { show }), { signal });
export const review = (id: string, signal?: AbortSignal) => ask<WithRecords>(`/oversight/reviews/${id}`, { signal });
/** A verdict stands: nobody takes it back. */
export const sign = (id: string, verdict: Verdict, note: string) => ask<Review>(`/oversight/reviews/${id}/sign`, { method: "POST", body: { verdict, note } });
export const standing = (signal?: AbortSignal) => ask<Standing>("/oversight/standing", { signal });
/** Looks for misuse now; how many findings are new. */
export const sweep = () => ask<{ new: number }>("/oversight/sweep", { method: "POST" });
