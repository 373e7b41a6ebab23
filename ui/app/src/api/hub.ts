import { ask, BASE, open } from "./client";
import type { Hub } from "./types";

export const read = () => ask<Hub>("/hub");
/** Facts for whoever helps, without secrets or personal data: a ZIP archive. */
export const supportBundle = async () => (await open("/support-bundle")).blob();
/** Where the agency's own geometry is; the map fetches it itself. */
export const BASEMAP = `${BASE}/basemap`;
