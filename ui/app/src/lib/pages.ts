// The pages, in the order of the rail, and the permissions of which one is needed to see each.

export type Page = "live" | "search" | "alerts" | "cameras" | "requests" | "sources" | "audit" | "review" | "policy" | "intelligence" | "retention" | "disclosure" | "reports" | "credentials" | "people" | "settings";

type Described = { page: Page; name: string; needs: string[] };

export const PAGES: Described[] = [
  { page: "live", name: "Live", needs: ["data:live"] },
  { page: "search", name: "Search", needs: ["data:search"] },
  { page: "alerts", name: "Alerts", needs: ["alerts:read"] },
  { page: "cameras", name: "Cameras", needs: ["data:live"] },
  { page: "requests", name: "Requests", needs: ["requests:read"] },
  { page: "sources", name: "Sources", needs: ["sources:read"] },
  { page: "audit", name: "Audit", needs: ["audit:read"] },
  { page: "review", name: "Review", needs: ["override:review"] },
  { page: "policy", name: "Policy", needs: ["policy:read"] },
  { page: "intelligence", name: "Intelligence", needs: ["intelligence:keep"] },
  { page: "retention", name: "Retention", needs: ["retention:read"] },
  { page: "disclosure", name: "Disclosure", needs: ["disclosure:make"] },
  { page: "reports", name: "Reports", needs: ["reports:read"] },
  { page: "credentials", name: "Credentials", needs: ["credentials:set"] },
  { page: "people", name: "People", needs: ["people:manage", "settings:approve"] },
  { page: "settings", name: "Settings", needs: ["alerts:read", "sources:operate"] },
];

/** How many pages have a key: there are nine digits. */
export const NUMBERED = 9;

/** Where somebody begins: the first of these that is theirs. */
const BEGIN: Page[] = ["live", "disclosure", "audit", "sources"];

export function pagesOf(permissions: string[]): Described[] {
  return PAGES.filter(({ needs }) => needs.some((need) => permissions.includes(need)));
}

export function homeOf(permissions: string[]): Page {
  const own = pagesOf(permissions).map(({ page }) => page);
  return BEGIN.find((page) => own.includes(page)) ?? own[0] ?? "live";
}
