import { ask, BASE, open, url } from "./client";
import type { NearCamera, Page, Summary } from "./types";

export type Envelope = {
  id: string;
  source: string;
  type: string;
  time: string;
  subject?: string;
  data: Record<string, unknown>;
  dataclassification: string;
  observedtime?: string;
  recordedtime?: string;
  timeerror?: number;
};

export type Lineage = {
  source: string;
  connector: string;
  raw_sha256: string | null;
  raw_bytes: number | null;
  raw_content_type: string | null;
  pointer: string | null;
  changes: { path: string; from: unknown; to: unknown }[];
};

export type Detail = { summary: Summary; event: Envelope; lineage: Lineage };

export const read = (seq: number, signal?: AbortSignal) => ask<Detail>(`/events/${seq}`, { signal });

export const list = (params: Record<string, string | number>, signal?: AbortSignal) =>
  ask<Page<Summary>>(url("/events", params), { signal });

export const cameras = (seq: number, signal?: AbortSignal) =>
  ask<Page<NearCamera>>(`/events/${seq}/cameras`, { signal });

export async function raw(seq: number, signal?: AbortSignal): Promise<string> {
  return (await open(`/events/${seq}/raw`, { signal })).text();
}

export const mediumAddress = (seq: number, index: number): string => `${BASE}/media/${seq}/${index}`;

export async function medium(seq: number, index: number, signal?: AbortSignal): Promise<Blob> {
  return (await open(`/media/${seq}/${index}`, { signal })).blob();
}
