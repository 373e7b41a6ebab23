import { ask, url } from "./client";
import type { Page } from "./types";

export type Sensitivity = "unclassified" | "sensitive" | "confidential" | "restricted";
export type Confidence = "reliable" | "usually_reliable" | "unreliable" | "unknown";

/** What somebody enters; the last two are their own declarations (28 CFR 23.20(b), (d)). */
export type Submission = {
  subject: string;
  activity: string;
  suspicion: string;
  offence: string;
  submitter: string;
  agency: string;
  control_official: string;
  sensitivity: Sensitivity;
  confidence: Confidence;
  lawfully_obtained: boolean;
  about_conduct: boolean;
};

export type Kept = Omit<Submission, "lawfully_obtained" | "about_conduct"> & {
  id: string;
  entered: string;
  entered_by: string;
  review_by: string;
  version: number;
};

export type Review = { reviewer: string; at: string; reason: string; review_by: string };
export type Release = { id: number; recipient: string; agency: string; address: string; released_by: string; why: string; at: string; version: number };
export type One = { record: Kept; reviews: Review[]; releases: Release[] };

/** Who gets a record, and by what need and right (28 CFR 23.20(e)). */
export type Recipient = { name: string; agency: string; address: string; need: string; right: string; follows_part_23: boolean; imminent_danger?: boolean };

/** What a recipient is owed; it names the record by its id alone. */
export type Notice = { id: number; record: string; to: string; kind: string; words: string; made: string };

const path = (id: string) => `/intelligence/${encodeURIComponent(id)}`;
const post = <T>(way: string, body: object) => ask<T>(way, { method: "POST", body });

export const list = (within_days: number | null, signal?: AbortSignal) => ask<Page<Kept>>(url("/intelligence", { within_days }), { signal });
export const read = (id: string, signal?: AbortSignal) => ask<One>(path(id), { signal });
export const enter = (record: Submission) => post<Kept>("/intelligence", { record });
/** How many recipients are owed a notice of it. */
export const correct = (id: string, record: Submission, words: string) => ask<{ notices: number }>(path(id), { method: "PUT", body: { record, words } });
export const review = (id: string, reason: string) => post<Review>(`${path(id)}/review`, { reason });
export const release = (id: string, to: Recipient) => post<Release>(`${path(id)}/release`, to);
export const purge = (id: string, words: string) => post<{ notices: number }>(`${path(id)}/purge`, { words });
export const notices = (signal?: AbortSignal) => ask<Page<Notice>>("/intelligence/notices", { signal });
export const sent = (no: number) => post<void>(`/intelligence/notices/${no}/sent`, {});
