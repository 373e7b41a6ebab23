import { ask } from "./client";
import type { Page } from "./types";

/** An account for the night on which the identity provider is down. `failures`: since the last
 * success; five lock it. */
export type Account = {
  id: string;
  name: string;
  role: "analyst" | "supervisor" | "agency_it";
  made: string;
  /** What histories call them: somebody else opens it. */
  made_by: string;
  enabled: string | null;
  until: string | null;
  /** When first: it is never opened anew. */
  used: string | null;
  failures: number;
};

export type NewAccount = Pick<Account, "id" | "name" | "role"> & { password: string };

const path = (id: string) => `/break-glass/${encodeURIComponent(id)}`;

export const list = (signal?: AbortSignal) => ask<Page<Account>>("/break-glass", { signal });
export const add = (account: NewAccount) => ask<Account>("/break-glass", { method: "POST", body: account });
/** The second person's part. */
export const enable = (id: string) => ask<Account>(`${path(id)}/enable`, { method: "POST" });
export const release = (id: string) => ask<Account>(`${path(id)}/release`, { method: "POST" });
export const remove = (id: string) => ask<void>(path(id), { method: "DELETE" });
