import { ask } from "./client";
import type { Page, Source } from "./types";

const path = (id: string) => `/sources/${encodeURIComponent(id)}`;

export type Finding = { ok: boolean; what: string; detail: string; remedy: string };

export const list = () => ask<Page<Source>>("/sources");
export const restart = (id: string) => ask<void>(`${path(id)}/restart`, { method: "POST", body: {} });
export const check = (id: string) =>
  ask<{ findings: Finding[] }>(`${path(id)}/check`, { method: "POST", body: {} });
