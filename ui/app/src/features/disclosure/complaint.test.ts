import { expect, it } from "vitest";
import type { Complaint, Traces } from "../../api/reports";
import { countsOf, standing, tracesSaid } from "./complaint";

const traces = (more: Partial<Traces>): Traces => ({ total: 0, events: {}, denied: 0, persons: 0, first: null, last: null, records: [], by_pattern: 0, ...more });
const complaint = (more: Partial<Complaint>): Complaint => ({
  id: "C-26-000001", received: "2026-11-23T00:00:00Z", by: "rcolton", by_name: "Ray Colton", about: { kind: "plate", month: "2026-11", key: "k", box: "b" },
  words: "w", traces: null, answered: null, finding: null, answer: "", ...more,
});

it("says what is to be done next", () => {
  expect(standing(complaint({}))[0]).toBe("To be searched");
  expect(standing(complaint({ traces: traces({}) }))[0]).toBe("To be answered");
  expect(standing(complaint({ traces: traces({}), answered: "2026-11-23T00:00:00Z" }))[0]).toBe("Answered");
});

it("says what the log has, and nothing as nothing", () => {
  expect(tracesSaid(traces({}))).toBe("The log has nothing about it");
  expect(tracesSaid(traces({ by_pattern: 2 }))).toBe("The log has nothing about it; 2 questions more by a part of it or among words may have shown it");
  expect(tracesSaid(traces({ total: 41, persons: 1, denied: 2 }))).toBe("41 records by 1 person, 2 of them refused");
});

it("counts as the public page does", () => {
  const done = complaint({ answered: "2026-11-23T00:00:00Z", finding: "nothing_found" });
  expect(countsOf([done, done, complaint({})])).toEqual({ received: 3, open: 1, found: [["Nothing was found", 2]] });
});
