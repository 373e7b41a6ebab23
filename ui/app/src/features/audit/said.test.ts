import { describe, expect, it } from "vitest";
import type { audit } from "../../api";
import events from "../../../../../core/src/watchfloor/audit/events.py?raw";
import { factsOf, isRoutine, purposeOf, resultOf, rowsOf, sentence } from "./said";
import { VERBS } from "./verbs";

const entry = (more: Partial<audit.Entry> = {}): audit.Entry => ({
  at: "2026-11-23T03:00:00.123Z",
  id: "e1",
  event: "search.asked",
  outcome: "done",
  operator: { id: "https://idp.example.org#17", handle: "ana.ruiz" },
  purpose: { code: "in_progress_call", call: "F-00412-26", request: "R-26-000123" },
  decision: { id: "d1", rules: ["analyst-search"] },
  subject: { kind: "plate", month: "2026-11", key: "k", box: "b" },
  ...more,
});

it("has words for everything that the hub records", () => {
  const [, listed] = events.split("class AuditEvent");
  const recorded = [...listed!.matchAll(/^ {4}[A-Z_]+ = "([a-z_]+\.[a-z_]+)"/gm)].map(([, name]) => name);
  expect(recorded.length).toBeGreaterThan(90);
  expect(recorded.filter((name) => !VERBS[name!])).toEqual([]);
});

describe("a sentence", () => {
  it("says who did what, without saying about whom", () => {
    expect(sentence(entry())).toBe("ana.ruiz searched: a plate");
    expect(purposeOf(entry())).toBe("Call in progress, F-00412-26");
    expect(resultOf(entry(), 41)).toBe("41 results · by rule analyst-search");
  });

  it("tells a refusal and a failure from what was done", () => {
    const refused = entry({ outcome: "denied", decision: { id: "d", rules: [], reason: "case_needed" } });
    expect(sentence(refused)).toBe("ana.ruiz was refused when trying to search: a plate");
    expect(resultOf(refused, null)).toBe("Case needed");
    expect(sentence(entry({ outcome: "failed" }))).toContain("and it failed");
  });

  it("names the hub where nobody did it, and nobody where it is not known who", () => {
    expect(sentence(entry({ event: "hub.started", operator: undefined, subject: undefined }))).toBe("The hub started");
    expect(sentence(entry({ event: "session.begun", outcome: "denied", operator: undefined, subject: undefined }))).toBe("Somebody was refused when trying to sign in");
  });

  it("names what it was done to, and leaves the words of a search sealed", () => {
    expect(sentence(entry({ event: "request.changed", subject: undefined, object: { kind: "requests", id: "R-26-000003" } }))).toBe("ana.ruiz changed a request: R-26-000003");
    const rule = { kind: "rule", month: "2026-11", key: "k", box: "b" };
    expect(sentence(entry({ event: "rule.changed", subject: rule, object: { kind: "rules", id: "gunshot" } }))).toBe("ana.ruiz changed an alert rule: gunshot");
    expect(sentence(entry({ subject: { kind: "search", month: "2026-11", key: "k", box: "b" } }))).toBe("ana.ruiz searched");
  });

  it("reads what a newer hub records", () => {
    expect(sentence(entry({ event: "thing.newly_done", subject: undefined }))).toBe("ana.ruiz thing.newly done");
  });
});

it("puts an answer to its question, and keeps one whose question stands elsewhere", () => {
  const answer = (index: number, to: string) => ({ index, entry: entry({ id: `a${index}`, event: "answer.given", object: { kind: "entry", id: to }, count: 41 }) });
  const rows = rowsOf([answer(8, "e1"), answer(7, "gone"), { index: 6, entry: entry() }]);
  expect(rows.map(({ index, results }) => [index, results])).toEqual([[7, 41], [6, 41]]);
});

it("shows what came to nothing once, as it ended", () => {
  const change = { event: "sharing.changed", subject: undefined, purpose: undefined, object: { kind: "source", id: "flock" } };
  const ended = entry({ ...change, id: "e2", outcome: "denied", decision: { id: "d1", reason: "no_such_setting" }, more: { attempt: "e1" } });
  const rows = rowsOf([{ index: 7, entry: ended }, { index: 6, entry: entry({ ...change }) }, { index: 5, entry: entry({ ...change, id: "e0" }) }]);
  expect(rows.map(({ index }) => index)).toEqual([7, 5]);
  expect(sentence(rows[0]!.entry)).toBe("ana.ruiz was refused when trying to change what is shared: flock");
  expect(resultOf(rows[0]!.entry, null)).toBe("No such setting");
  expect(resultOf(entry({ outcome: "failed", decision: { id: "d1", reason: "disk_full" } }), null)).toBe("Disk full");
});

it("tells every field that says something, and no sealed value", () => {
  const facts = factsOf(entry({ count: 0, more: { factor: "otp" }, secondary_recipient: "Sample County" }));
  const told = Object.fromEntries(facts.map(({ name, text }) => [name, text]));
  expect(told).toMatchObject({ Call: "F-00412-26", Results: "0", Factor: "otp", "Also received by": "Sample County" });
  expect(Object.values(told)).not.toContain("b");
});

it("takes for routine what a screen fetches by itself, and no refusal", () => {
  const viewed = entry({ event: "setting.viewed", purpose: undefined, subject: undefined });
  expect(isRoutine(viewed)).toBe(true);
  expect(isRoutine({ ...viewed, outcome: "denied" })).toBe(false);
  expect(isRoutine(entry())).toBe(false);
});

it("gives a reason for a refusal alone", () => {
  const names = (outcome: audit.Outcome) => factsOf(entry({ outcome, decision: { id: "d", rules: [], reason: "permitted" } })).map(({ name }) => name);
  expect(names("done")).not.toContain("Reason of the refusal");
  expect(names("denied")).toContain("Reason of the refusal");
});
