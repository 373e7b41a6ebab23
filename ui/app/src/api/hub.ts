import { ask, BASE, open } from "./client";
import type { Hub } from "./types";

export type Session = { person: string };

export const signIn = (token: string) => ask<Session>("/session", { method: "POST", body: { token } });
export const session = () => ask<Session>("/session");
export const signOut = () => ask<void>("/session", { method: "DELETE" });
export const read = () => ask<Hub>("/hub");
/** Facts for whoever helps, without secrets or personal data: a ZIP archive. */
export const supportBundle = async () => (await open("/support-bundle")).blob();
/** Where the agency's own geometry is; the map fetches it itself. */
export const BASEMAP = `${BASE}/basemap`;
