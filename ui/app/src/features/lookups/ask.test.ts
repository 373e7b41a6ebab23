import { describe, expect, it } from "vitest";
import { ending, purposeFields, subjectsIn, subjectsOf } from "./ask";

it("finds what a search or an event names whole", () => {
  const chip = (means: string) => ({ text: "", means, field: "" });
  expect(subjectsIn([chip("plate ZZT1234 or call ZZT1234 or unit ZZT1234"), chip("address 1200 CANAL ST"), chip("plate ZZT?2*"), chip("since 1 May")], "ZZT1234 since 1 May")).toEqual([
    { about: "plate", subject: "ZZT1234" },
    { about: "address", subject: "1200 CANAL ST" },
  ]);
  expect(subjectsIn([], "Example, Sam")).toEqual([{ about: "person", subject: "Example, Sam" }]);
  expect(subjectsIn([chip("plate 5550100 or call 555-0100")], "(555) 555-0100")).toEqual([{ about: "phone", subject: "(555) 555-0100" }]);
  expect(subjectsIn([], "robbery canal, since:1d")).toEqual([]);
  expect(subjectsOf({ plate: "ZZT1", place: { address: "1 Main St" } }).map((each) => each.about)).toEqual(["plate", "address"]);
  expect(subjectsOf({})).toEqual([]);
});

it("asks for what a system needs to be told, and for a code only where it has none of its own", () => {
  const base = { name: "a", title: "A", subject_kinds: [], legal_basis: "" };
  expect(purposeFields({ ...base, needs: ["case_number", "reason"] }).map((field) => field.title)).toEqual(["Purpose", "Case or call number", "Reason"]);
  expect(purposeFields({ ...base, purposes: [{ code: "1", title: "One" }] })).toEqual([]);
});

describe("how a look-up ended", () => {
  it("says nothing found only when it was asked and answered", () => {
    expect(ending({ status: "ok" }, 0)).toEqual(["Asked and answered: nothing found", "grey"]);
    for (const status of ["partial", "timed_out", "denied", "unavailable", "gap"] as const) {
      const [words, tone] = ending({ status }, 0);
      expect(words).not.toMatch(/nothing found/i);
      expect(tone).toBe("amber");
    }
  });

  it("counts what came before it broke off", () => {
    expect(ending({ status: "partial" }, 2)[0]).toBe("2 answers, but not all that was asked for");
    expect(ending({ status: "unavailable" }, 2)[0]).toBe("2 answers, then it broke off");
    expect(ending({ status: "ok" }, 1)).toEqual(["1 answer", "green"]);
  });
});
