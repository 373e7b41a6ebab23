import { expect, it } from "vitest";
import type { Account } from "../../api/break-glass";
import { accountWord, canBeOpened } from "./account";

const NOW = Date.parse("2026-11-23T00:00:00Z");
const account = (more: Partial<Account>): Account => ({ id: "night", name: "Night desk", role: "supervisor", made: "2026-11-20T00:00:00Z", made_by: "klarsen", enabled: null, until: null, used: null, failures: 0, ...more });

it("says whether it can be used, and what it waits for", () => {
  const open = { enabled: "2026-11-22T00:00:00Z", until: "2026-11-25T00:00:00Z", used: "2026-11-22T00:00:00Z" };
  expect(accountWord(account({}), NOW)[0]).toBe("Waits for a second person");
  expect(accountWord(account(open), NOW)[0]).toBe("Open");
  expect(accountWord(account({ ...open, until: "2027-02-20T00:00:00Z", used: null }), NOW)[0]).toBe("Ready, not used");
  expect(accountWord(account({ ...open, failures: 5 }), NOW)[0]).toBe("Locked");
  expect(accountWord(account({ ...open, until: "2026-11-22T12:00:00Z" }), NOW)[0]).toBe("Closed again");
});

it("is opened by somebody else than who made it, and to the data by a supervisor", () => {
  const open = { enabled: "2026-11-22T00:00:00Z", until: "2026-11-25T00:00:00Z", used: "2026-11-22T00:00:00Z" };
  expect(canBeOpened(account(open), NOW, "sokafor", true)).toBe(false);
  expect(canBeOpened(account({ enabled: "2026-08-01T00:00:00Z", until: "2026-10-30T00:00:00Z" }), NOW, "sokafor", true)).toBe(true);
  expect(canBeOpened(account({ ...open, until: "2026-11-22T12:00:00Z" }), NOW, "sokafor", true), "it was used").toBe(false);
  expect(canBeOpened(account({}), NOW, "klarsen", true)).toBe(false);
  expect(canBeOpened(account({}), NOW, "lmoran", false)).toBe(false);
  expect(canBeOpened(account({ role: "agency_it" }), NOW, "lmoran", false)).toBe(true);
});
