import { ask, BASE, open, url } from "./client";
import type { Sealed } from "./audit";
import type { Page } from "./types";

/** A number; or as it is published, where it is too small to be shown. */
export type Shown = number | string;
export type Table = { query: string; title: string; counts: string; total: Shown; rows: { label: string; count: Shown }[] };

/** Everything that follows from the audit log alone; `until` is excluded. */
export type Figures = {
  since: string;
  until: string;
  records: number;
  tables: Table[];
  partners: string[];
  changes: { at: string; what: string; id: string }[];
};

/** Surveillance technology in use. `approved_by` is empty where nobody approved its statement. */
export type Technology = {
  source: string;
  name: string;
  vendor: string;
  connector: string;
  version: string;
  in_use: boolean;
  synthetic: boolean;
  data: string;
  legal_basis: string;
  retention_days: number;
  events: string[];
  lookups: string[];
  actions: string[];
  devices: Record<string, number>;
  approved_by: string;
  approved_at: string;
};

/** How much of something a district has. `times`: its rate against that of all districts together. */
export type Spread = { count: Shown; per_10000: number | null; times: number | null };
/** One district: devices as they stand now, and the alerts of some days. */
export type InDistrict = { district: string; residents: number; devices: Spread; alerts: Spread };
/** The most devices in proportion come first. */
export type Distribution = { since: string; until: string; items: InDistrict[]; together: InDistrict; outside: InDistrict };

export type Profile = "public" | "oversight" | "court";
export type SubjectOf = "plate" | "name" | "phone" | "address";
export type Finding = "nothing_found" | "use_justified" | "use_not_justified" | "not_about_this_hub";

/** What the log has about somebody: counts, and the numbers of the records. `by_pattern`:
 * questions besides, by a part that many fit or by words, that may have shown it. */
export type Traces = {
  total: number;
  events: Record<string, number>;
  denied: number;
  persons: number;
  first: string | null;
  last: string | null;
  records: number[];
  by_pattern: number;
};

export type Complaint = {
  id: string;
  received: string;
  by: string;
  /** Empty of what came in before it was kept. */
  by_name: string;
  about: Sealed;
  words: string;
  traces: Traces | null;
  answered: string | null;
  finding: Finding | null;
  answer: string;
};

const send = async (path: string, body: object) => (await open(path, { method: "POST", body })).blob();

/** The page that is there for everybody, and its other forms. */
export const PUBLIC = `${BASE}/transparency`;
export const figures = (since: string, until: string, signal?: AbortSignal) => ask<Figures>(url("/reports/figures", { since, until }), { signal });
export const inventory = (signal?: AbortSignal) => ask<Page<Technology>>("/reports/inventory", { signal });
export const distribution = (since: string, until: string, signal?: AbortSignal) =>
  ask<Distribution>(url("/reports/distribution", { since, until }), { signal });
export const distributionFile = async (since: string, until: string) => (await open(url("/reports/distribution.csv", { since, until }))).blob();
export const annualFile = async (since: string, until: string) => (await open(url("/reports/annual", { since, until }))).blob();
/** Each is a ZIP archive: the file, and the proof that its handing out is in the log. */
export const discloseRecords = (profile: Profile, since: string, until: string) => send("/disclosures/records", { profile, since, until });
export const discloseCase = (number: string) => send("/disclosures/case", { case: number });
export const complaints = (signal?: AbortSignal) => ask<Page<Complaint>>("/complaints", { signal });
export const receive = (kind: SubjectOf, value: string, words: string) =>
  ask<Complaint>("/complaints", { method: "POST", body: { kind, value, words } });
export const searchFor = (id: string) => ask<Complaint>(`/complaints/${id}/search`, { method: "POST" });
export const answer = (id: string, finding: Finding, words: string) =>
  ask<Complaint>(`/complaints/${id}/answer`, { method: "POST", body: { finding, words } });
