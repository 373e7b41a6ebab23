import { expect, it } from "vitest";
import { accountFor, listed } from "./accountability";

const CARD = { person: "ana.ruiz", request: "R-26-000123", purpose: "Call in progress", case: "F-00412-26", rules: ["analyst-search"], allowed_by: ["Looking for something"], agreed_by: null, record: "e1", seen_by: ["the auditor", "the records officer"], until: null };

it("says in one line for what it was asked, and who will see it", () => {
  expect(accountFor(CARD)).toBe("For Call in progress, F-00412-26 · seen by the auditor and the records officer");
  expect(accountFor({ ...CARD, case: null, seen_by: [] })).toBe("For Call in progress, R-26-000123");
});

it("lists who sees it as people do", () => {
  expect(listed(["the auditor", "the records officer", "whoever reviews it"])).toBe("the auditor, the records officer and whoever reviews it");
  expect(listed(["the auditor"])).toBe("the auditor");
});
