import { ask, url } from "./client";
import type { Asset, Page } from "./types";

const path = (source: string, id: string) =>
  `/assets/${encodeURIComponent(source)}/${encodeURIComponent(id)}`;

export const read = (source: string, id: string, signal?: AbortSignal) =>
  ask<Asset>(path(source, id), { signal });

/** Every asset of a kind that is not gone. */
export const all = async (kind: string, signal?: AbortSignal) =>
  (await ask<Page<Asset>>(url("/assets", { kind }), { signal })).items;
