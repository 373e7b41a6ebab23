import { expect, it } from "vitest";
import { homeOf, pagesOf } from "./pages";

const AUDITOR = ["hub:read", "audit:read", "sources:read", "reports:read"];
const RECORDS = ["hub:read", "audit:read", "disclosure:make", "retention:read", "holds:keep", "reports:read"];
const IT = ["hub:read", "sources:read", "sources:operate", "people:manage"];
const ANALYST = ["data:live", "data:search", "alerts:read", "sources:read"];
const named = (permissions: string[]) => pagesOf(permissions).map(({ page }) => page);

it("shows a role its own pages alone", () => {
  expect(named(AUDITOR)).not.toContain("live");
  expect(named(AUDITOR)).not.toContain("search");
  expect(named(IT)).not.toContain("alerts");
  expect(named(IT)).not.toContain("audit");
  expect(named(ANALYST)).not.toContain("people");
  expect(named([...ANALYST, "settings:approve"])).toContain("people");
  expect(named(RECORDS)).toEqual(["audit", "retention", "disclosure", "reports"]);
  expect(named([])).toEqual([]);
});

it("begins where the work of a role is", () => {
  expect(homeOf(AUDITOR)).toBe("audit");
  expect(homeOf(RECORDS)).toBe("disclosure");
  expect(homeOf(IT)).toBe("sources");
  expect(homeOf(ANALYST)).toBe("live");
});
