import { linesOf } from "../lib/lines";
import type { Schema } from "../lib/schema";
import { ask as asked, open, url } from "./client";
import type { Page } from "./types";

export type SubjectKind = "plate" | "person" | "address" | "phone" | "vehicle" | "device" | "call" | "case";
export type Need = "case_number" | "reason" | "on_behalf_of";

export type Offer = {
  source: string;
  source_name: string;
  /** Whether its worker runs. */
  available: boolean;
  /** Why it is closed to whoever looks, whatever it is for; empty: it is not. */
  closed: string;
  /** The vendor's name, where people can sign in there as themselves. */
  sign_in_at: string | null;
  declaration: {
    name: string;
    title: string;
    subject_kinds: SubjectKind[];
    legal_basis: string;
    needs?: Need[];
    purposes?: { code: string; title: string }[];
    cost?: string | null;
    filters?: Schema;
  };
};

/** What the asked system wants besides what the open request says; `code` is one of its own. */
export type Purpose = { code?: string } & Partial<Record<Need, string>>;
export type Question = { source: string; offer: string; subject_kind: SubjectKind; subject: string; purpose: Purpose; filters: Record<string, unknown> };
export type Result = { id: string; source: string; retrieved: string; handling: string; title: string; data: Record<string, unknown>; confidence?: number | null };
export type Status = "ok" | "partial" | "timed_out" | "denied" | "unavailable" | "gap";
/** `code`: the error's that kept it from being answered. */
export type Answer = { status: Status; detail?: string | null; code?: string | null };
export type Line = { result: Result } | { answer: Answer };

/** `needed`: nobody is answered who is not signed in there. `until`: one is, until then at the latest. */
export type OwnSignIn = { needed: boolean; until: string | null };

export const offers = (about: SubjectKind) => asked<Page<Offer>>(url("/lookups", { about }));

/** One question; what is found as it comes, last how it ended. */
export async function* ask(question: Question, signal?: AbortSignal): AsyncGenerator<Line> {
  const answer = await open("/lookups", { method: "POST", body: question, signal });
  if (!answer.body) return;
  for await (const line of linesOf(answer.body)) {
    if (line.trim()) yield JSON.parse(line) as Line;
  }
}

const there = (source: string) => `/vendor-sign-in/${encodeURIComponent(source)}`;
export const ownSignIn = (source: string, signal?: AbortSignal) => asked<OwnSignIn>(there(source), { signal });
/** `url`: where the browser goes to sign in at the vendor. */
export const signIn = (source: string) => asked<{ url: string }>(there(source), { method: "POST" });
export const signOut = (source: string) => asked<void>(there(source), { method: "DELETE" });
