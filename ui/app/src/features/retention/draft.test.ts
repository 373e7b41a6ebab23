import { expect, it } from "vitest";
import { difference, emptyHold, holdOf, withoutPreset, withPreset, withRule } from "./draft";

const moment = (local: string) => (local ? `${local}Z` : "");

it("sends of a hold what narrows it, and nothing that is empty", () => {
  const draft = { ...emptyHold("2027-01-01T00:00"), case_number: " ZZ-1 ", reason: "Letter", approver: "D. Attorney" };
  draft.keys = [{ kind: "plate", value: " ZZT0001 " }, { kind: "call", value: " " }];
  expect(holdOf(draft, moment)).toEqual({
    what: { keys: [{ kind: "plate", value: "ZZT0001" }] }, case_number: "ZZ-1", reason: "Letter", approver: "D. Attorney", expires: "2027-01-01T00:00Z",
  });
  expect(holdOf({ ...draft, keys: [], sources: ["lpr", "cad"], since: "2026-01-01T00:00" }, moment).what).toEqual({ sources: ["lpr", "cad"], since: "2026-01-01T00:00Z" });
});

it("shows what a proposal changes, line by line", () => {
  const rule = { id: "calls", kind: "cad", cap: "2 years", reason: "Schedule 4.2" };
  const now = withRule(withPreset({}, { preset: "us-va-lpr", counsel: "A. Counsel" }), rule);
  const then = withRule(withoutPreset(now, "us-va-lpr"), { ...rule, cap: "1 year" });
  expect(difference(now, then)).toEqual({
    added: ["Rule calls: Calls for service and unit status, at most 1 year (Schedule 4.2)"],
    removed: ["Preset us-va-lpr, confirmed by A. Counsel", "Rule calls: Calls for service and unit status, at most 2 years (Schedule 4.2)"],
  });
});

it("switches a preset on once, however often it is chosen", () => {
  const twice = withPreset(withPreset({}, { preset: "p", counsel: "A" }), { preset: "p", counsel: "B", sources: ["lpr"] });
  expect(twice.presets).toEqual([{ preset: "p", counsel: "B", sources: ["lpr"] }]);
});
