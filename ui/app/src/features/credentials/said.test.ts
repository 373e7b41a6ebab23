import { expect, it } from "vitest";
import type { Budget } from "../../api/credentials";
import { centsOf, dueWord, money, spentSaid } from "./said";

const budget: Budget = {
  source: "records", currency: "USD", cents: 20_000, lookups: 500, each_cents: 250, since: "2026-11-01T00:00:00Z", spent_cents: 1250, spent_lookups: 5, also: {}, share: 0.0625, state: "ok", changed: "2026-11-01T00:00:00Z", changed_by: "klarsen",
};

it("says what is near its end", () => {
  expect(dueWord({ days: -1 })).toEqual(["Over", "amber"]);
  expect(dueWord({ days: 0 })).toEqual(["Ends today", "amber"]);
  expect(dueWord({ days: 1 })).toEqual(["1 day left", "amber"]);
  expect(dueWord({ days: 29 })[1]).toBe("amber");
  expect(dueWord({ days: 30 })[1]).toBe("grey");
});

it("reads an amount to the hundredth, and takes nothing else for one", () => {
  expect(centsOf("1,250.5")).toBe(125_050);
  expect(centsOf("0.29")).toBe(29);
  expect(centsOf(" ")).toBeNull();
  expect(centsOf("12.345")).toBeNaN();
  expect(centsOf("free")).toBeNaN();
});

it("says what is spent of what may be", () => {
  expect(money(1250, "USD")).toBe("$12.50");
  expect(spentSaid(budget)).toBe("$12.50 of $200.00, 5 of 500 questions");
  expect(spentSaid({ ...budget, cents: null, lookups: null, spent_lookups: 1 })).toBe("$12.50, 1 question");
});
