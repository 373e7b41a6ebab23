import type { Schema } from "../lib/schema";
import { ask, url } from "./client";
import type { Page } from "./types";

export type CredentialKind = "api_key" | "basic" | "oauth2_client" | "hmac_secret" | "client_certificate" | "token";
export type Declared = { name: string; kind: CredentialKind; title: string; help?: string | null; required?: boolean };
export type Statement = { data: string; legal_basis: string; retention_days: number };

/** What a connector is and wants: its `connector.json`. */
export type Manifest = {
  id: string;
  name: string;
  version: string;
  vendor: string;
  description: string;
  licence: string;
  owner: string;
  capabilities: string[];
  event_types: string[];
  handling: string;
  config_schema: Schema;
  cadence: { every_s: number; how: string };
  impact: Statement;
  min_hub: string;
  asset_kinds?: string[];
  credentials?: Declared[];
  hosts?: string[];
  webhook?: unknown;
  lookups?: { name: string; title: string; legal_basis: string; cost?: string | null }[];
  actions?: { name: string; title: string }[];
};

export type Offer = {
  id: string;
  name: string;
  vendor: string;
  description: string;
  owner: string;
  licence: string;
  version: string;
  level: string;
  installed: string | null;
  revoked: { reason: string; since: string; lowest_good: string | null } | null;
  releases: { version: string; min_hub: string; level: string; last_verified: string | null; revoked: string | null }[];
  manifest: Manifest;
};

export type Installed = {
  id: string;
  version: string | null;
  manifest: Manifest | null;
  problem: string;
  /** Whether every file is as the registry installed it; null for one that came with the hub. */
  verified: boolean | null;
  previous: string | null;
  newer: string | null;
  revoked: string | null;
  sources: string[];
};

export type Both = { id: string; offer: Offer | null; installed: Installed | null };

export type Job = {
  id: string;
  what: string;
  connector: string;
  by: string;
  state: "running" | "done" | "failed";
  progress: number;
  step: string;
  error: { code: string; detail: string; remedy: string } | null;
  result?: Record<string, string>;
};

/** What a connector reaches and does, as words. */
/** `hosts` and `paths` are null where there are some and whoever looks is not told which. */
export type Touches = Record<"event_types" | "assets" | "credentials" | "actions" | "lookups", string[]> & Record<"hosts" | "paths", string[] | null>;

export type Impact = {
  source: string;
  connector: string;
  version: string;
  draft: Statement;
  touches: Touches;
  approved: { by: string; at: string; connector: string; version: string; impact: Statement } | null;
  beyond: Touches;
};

const path = (id: string) => `/connectors/${encodeURIComponent(id)}`;
const start = (way: string, body?: unknown) => ask<Job>(way, { method: "POST", body: body ?? {} });

export const offered = () => ask<Page<Offer>>("/registry");
export const installed = () => ask<Page<Installed>>("/connectors");
export const show = (id: string, signal?: AbortSignal) => ask<Both>(path(id), { signal });
export const install = (id: string) => start(`${path(id)}/install`);
export const upgrade = (id: string, version: string) => start(`${path(id)}/upgrade`, { version });
export const rollback = (id: string) => start(`${path(id)}/rollback`);
export const remove = (id: string) => start(`${path(id)}/remove`);
export const bundle = (file: Blob) => start("/bundles", file);
export const job = (id: string) => ask<Job>(`/jobs/${encodeURIComponent(id)}`);
export const impact = (source: string, version?: string) =>
  ask<Impact>(url(`/sources/${encodeURIComponent(source)}/impact`, { version }));
export const approve = (source: string, version: string, said: Statement) =>
  ask<Impact>(`/sources/${encodeURIComponent(source)}/impact`, { method: "PUT", body: { version, ...said } });
