import { ask } from "./client";
import type { CredentialKind } from "./connectors";
import type { Page, Source } from "./types";

const path = (id: string) => `/sources/${encodeURIComponent(id)}`;
const post = <T>(id: string, verb: string) => ask<T>(`${path(id)}/${verb}`, { method: "POST", body: {} });

export type Finding = { ok: boolean; what: string; detail: string; remedy: string };
export type Line = { at: string; level: "debug" | "info" | "warning" | "error"; text: string };
export type Wanted = { connector: string; name: string; config: Record<string, unknown>; enabled: boolean; synthetic: boolean };

/** Where the fix of a fault is. */
export type Step =
  | "set_credential"
  | "change_settings"
  | "approve"
  | "change_connector"
  | "set_clock"
  | "ask_vendor"
  | "approve_sharing"
  | "read_log"
  | "check"
  | "wait";

export type Repair = {
  source: string;
  source_name: string;
  code: string;
  fault: string;
  detail: string;
  remedy: string;
  since: string;
  step: Step;
};

/** A credential that a source needs: what it is made of, what of it is set; never a value. Each of
 * `ways` names parts that are enough. `set`: when that was. */
export type Credential = {
  name: string;
  kind: CredentialKind;
  title: string;
  help: string;
  required: boolean;
  parts: { name: string; title: string; help: string; secret: boolean; long: boolean }[];
  ways: string[][];
  filled: string[];
  set: string | null;
  set_by: string | null;
  renewed: string | null;
};

export const list = () => ask<Page<Source>>("/sources");
export const repairs = (signal?: AbortSignal) => ask<Page<Repair>>("/repairs", { signal });
export const put = (id: string, wanted: Wanted) => ask<Source>(path(id), { method: "PUT", body: wanted });
export const remove = (id: string) => ask<void>(path(id), { method: "DELETE" });
export const restart = (id: string) => post<void>(id, "restart");
export const check = (id: string) => post<{ findings: Finding[] }>(id, "check");
export const enable = (id: string) => post<Source>(id, "enable");
export const disable = (id: string) => post<Source>(id, "disable");
export const logs = (id: string, signal?: AbortSignal) => ask<Page<Line>>(`${path(id)}/logs`, { signal });
export const credentials = (id: string) => ask<Page<Credential>>(`${path(id)}/credentials`);
export const credential = (id: string, name: string, value: Record<string, string>) =>
  ask<void>(`${path(id)}/credentials/${encodeURIComponent(name)}`, { method: "PUT", body: { value } });
