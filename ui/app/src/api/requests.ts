import { ask, url } from "./client";
import type { Page } from "./types";

export type Listing = "open" | "late" | "mine" | "done" | "review";
export type Outcome = "found" | "not_found" | "not_used";
/** How many came to what: `found`, `not_found`, `not_used`, `cancelled`, `open`, `unknown`. */
export type Came = Record<string, number>;
/** What came of requests that were opened in some time; `imported` are from before this hub. */
export type Outcomes = {
  total: number;
  imported: number;
  outcomes: Came;
  purposes: Record<string, Came>;
  agencies: Record<string, Came>;
  channels: Record<string, Came>;
  months: Record<string, Came>;
};
export type Channel = "phone" | "form" | "call" | "neighbour" | "self";
export type Priority = "urgent" | "normal" | "low";
export type Need = "offence" | "case" | "call" | "case_or_call" | "order" | "reason";

/** What a request may be for, and what has to be said with it. */
export type Purpose = { code: string; title: string; needs: Need[]; synthetic_only: boolean; emergency: boolean };

/** A topic that laws close, and what names it: `words` in any case, `names` as they stand, both
 * regular expressions for whole words. */
export type Topic = { code: string; title: string; words: string; names: string | null };

/** The names of those whom something has by their handles. */
export type People = Record<string, string>;
export type Entry = { at: string; by: string; did: string; note: string };
export type Finding = { event: number | null; lookup: string | null };

/** Somebody else has to look at it. Without a verdict it waits. */
export type Review = {
  why: "provisional" | "emergency" | "case_closed" | "call_over";
  since: string;
  due: string;
  overdue: boolean;
  told: string[];
  verdict: "justified" | "not_justified" | null;
  by: string | null;
  at: string | null;
  note: string;
};

/** `in_review`: nothing is looked up for it before somebody has reviewed it. `number`: what it is
 * shown by. `stand_in`: its provisional number. `checked`: which system knew the call or the case. */
export type Request = {
  id: string;
  state: "open" | "done" | "cancelled" | "in_review";
  opened: string;
  opener: string;
  purpose: string;
  purpose_title: string;
  number: string | null;
  call_number: string | null;
  case_number: string | null;
  stand_in: string | null;
  tie_by: string | null;
  checked: string | null;
  checked_at: string | null;
  order: string | null;
  warrant: string | null;
  declaration: string | null;
  /** Which topics it was declared to be about. */
  about: string[];
  offence: Offence | null;
  reason: string | null;
  asked: string;
  channel: Channel;
  requester: string | null;
  agency: string | null;
  on_behalf_of_person: string | null;
  priority: Priority;
  due: string | null;
  late: boolean;
  worker: string | null;
  closed: string | null;
  answer: string;
  outcome: Outcome | null;
  outcome_note: string;
  findings: Finding[];
  reviews: Review[];
  history: Entry[];
  people: People;
};

export type Agency = { id: string; name: string; kind: string; ori: string | null; state: string | null };

/** By its list's code; `system` is a state's or an agency's own list, where it is not NIBRS. */
export type Offence = { code: string; system?: string };

/** The form. `number` is a call's or a case's, whichever the purpose needs. */
export type NewRequest = {
  purpose: string;
  asked: string;
  number?: string;
  provisional?: boolean;
  order?: string;
  warrant?: string;
  declaration?: string;
  about?: string[];
  offence?: Offence | null;
  reason?: string;
  channel?: Channel;
  requester?: string;
  agency?: string;
  on_behalf_of_person?: string;
  priority?: Priority;
  due?: string;
};

/** A question to a second person. `shown`: what they agree to as it will be, where `what` leaves it out. `overridden`: opened
 * as an emergency, since nobody answered. */
export type Approval = {
  id: string;
  subject: "data" | "deed" | "history" | "export" | "following" | "settings" | "access";
  what: string;
  shown: string;
  why: string;
  request: string | null;
  asked: string;
  asker: string;
  expires: string;
  answer: "granted" | "declined" | "overridden" | null;
  answered: string | null;
  answerer: string | null;
  note: string;
  people: People;
};

export type Listed = Page<Request> & { counts: Partial<Record<Listing, number>> };

export const purposes = (signal?: AbortSignal) => ask<Page<Purpose> & { topics: Topic[] }>("/purposes", { signal });
export const outcomes = (since: string, until: string, signal?: AbortSignal) => ask<Outcomes>(url("/requests/figures", { since, until }), { signal });
export const list = (show: Listing, number: string | null = null, before: string | null = null, signal?: AbortSignal) =>
  ask<Listed>(url("/requests", { show: number ? null : show, number, before, limit: 200 }), { signal });
export const inReview = (signal?: AbortSignal) => ask<Listed>(url("/requests/in-review", { limit: 200 }), { signal });
export const read = (id: string, signal?: AbortSignal) => ask<Request>(`/requests/${id}`, { signal });
export const open = (asked: NewRequest) => ask<Request>("/requests", { method: "POST", body: asked });
export const forCall = (call: string) => ask<Request>("/requests/for-call", { method: "POST", body: { call } });
export const edit = (id: string, asked: NewRequest) => ask<Request>(`/requests/${id}`, { method: "PUT", body: asked });
export const act = (id: string, verb: string, body: object = {}) => ask<Request>(`/requests/${id}/${verb}`, { method: "POST", body });
export const agencies = (signal?: AbortSignal) => ask<Page<Agency>>("/agencies", { signal });
export const approvals = (signal?: AbortSignal) => ask<Page<Approval>>("/approvals", { signal });
/** As soon as it is answered, or after so many seconds as it stands. */
export const approval = (id: string, wait: number, signal?: AbortSignal) => ask<Approval>(url(`/approvals/${id}`, { wait }), { signal });
/** Nobody answered within two minutes: an emergency request stands in for them, and is reviewed within a day. */
export const override = (id: string, request: string) => ask<Approval>(`/approvals/${id}/override`, { method: "POST", body: { request } });
export const approve = (id: string, granted: boolean, note = "") =>
  ask<Approval>(`/approvals/${id}/answer`, { method: "POST", body: { granted, note } });
/** Instead of a blank no: a supervisor decides. */
export const askAccess = (permission: string, why: string) =>
  ask<Approval>("/access-requests", { method: "POST", body: { permission, why } });
/** One's own wish for it, where one stands. */
export const wishFor = async (permission: string, signal?: AbortSignal): Promise<Approval | null> =>
  (await ask<Page<Approval>>(url("/access-requests", { permission }), { signal })).items[0] ?? null;
