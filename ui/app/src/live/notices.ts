// What the hub tells the moment it happens (docs/api.md, "notice"), in a sentence and with where it leads.
import type { Page } from "../lib/pages";

export type Notice = { what: string; by: string | null; name: string | null; request: string | null; code?: string; owner?: string; at: string };

export type Said = { text: string; leads: { page: Page; params: Record<string, string>; name: string } | null };

export function saidOf({ what, by, name, request, code, owner }: Notice): Said {
  const who = name ?? by ?? "Somebody";
  switch (what) {
    case "override_opened":
      return { text: `${who} opened an emergency override. It is to be reviewed within 24 hours.`, leads: request ? { page: "requests", params: { request }, name: request } : null };
    case "owner_told":
      return { text: `${who} opened data of ${owner ?? "an agency"}, which is to be told.`, leads: request ? { page: "requests", params: { request }, name: request } : null };
    case "break_glass_used":
      return { text: `${who} signed in with a break-glass account.`, leads: { page: "audit", params: { event: "session.begun" }, name: "Sign-ins" } };
    case "break_glass_refused":
      return { text: "Somebody was refused who tried a break-glass account.", leads: { page: "audit", params: { event: "session.begun", outcome: "denied" }, name: "Refused sign-ins" } };
    case "audit_trouble":
      return { text: `Something is wrong with the audit log (${code ?? "unknown"}). Tell whoever runs the hub.`, leads: { page: "audit", params: {}, name: "How the log fares" } };
    default:
      return { text: `The hub says: ${what.replaceAll("_", " ")}.`, leads: null };
  }
}
