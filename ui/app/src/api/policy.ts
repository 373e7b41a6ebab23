import { ask } from "./client";

export type Step = { step: "proposed" | "approved" | "declined"; version: string; by: string; at: string };

/** A gate or preset that stands ready: off until counsel confirmed it by name. */
export type Template = {
  id: string;
  kind: "gate" | "preset";
  words: string;
  citation: string;
  mark: string;
  confirmed_by: string | null;
  confirmed_on: string | null;
};

/** How one of the policy's own tests went. `differs`: in what; empty when it passed. */
export type CaseRun = { file: string; name: string; differs: string };

export type Policy = {
  version: string;
  /** Null for the packaged default. */
  adopted: Step | null;
  /** That the folder holds something else; empty when it does not. */
  notice: string;
  /** What has to stand beside every template. */
  confirm: string;
  templates: Template[];
  contact: string;
  rules: number;
  zones: number;
  tests: CaseRun[];
  proposed: Step[];
  steps: Step[];
};

export type Change = { direction: "loosens" | "tightens" | "changes"; what: string };
export type Proposal = { changes: Change[]; text: string; tests: CaseRun[] };

export const read = (signal?: AbortSignal) => ask<Policy>("/policy", { signal });
export const proposal = (version: string, signal?: AbortSignal) => ask<Proposal>(`/policy/proposals/${version}`, { signal });
/** Offers what the folder holds for a second person's approval. */
export const propose = () => ask<Step>("/policy/proposals", { method: "POST" });
export const approve = (version: string) => ask<{ version: string }>(`/policy/proposals/${version}/approve`, { method: "POST" });
export const decline = (version: string) => ask<Step>(`/policy/proposals/${version}/decline`, { method: "POST" });

/** A setting of a vendor's own: as it was found, and as two people approved it. `drifted`: it is open,
 * and not as approved. */
export type Shared = {
  source: string;
  name: string;
  title: string;
  /** Null: the vendor does not show it any more. */
  found: string | null;
  since: string;
  looked: string;
  approved: string | null;
  approved_at: string | null;
  approved_by: string | null;
  drifted: boolean;
};

export const sharing = (signal?: AbortSignal) => ask<{ items: Shared[] }>("/sharing", { signal });
/** How it shall be set; a second person agrees first. */
export const approveSharing = (source: string, name: string, value: string) =>
  ask<Shared>(`/sharing/${encodeURIComponent(source)}/${encodeURIComponent(name)}`, { method: "PUT", body: { value } });
