import { describe, expect, it } from "vitest";
import type { lookups } from "../../api";
import { ending, missing, subjectsIn, subjectsOf } from "./ask";

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

it("asks for what a system needs to be told and the open request does not say", () => {
  const declaration: lookups.Offer["declaration"] = { name: "a", title: "A", subject_kinds: [], legal_basis: "", needs: ["case_number", "reason"] };
  const request = { case_number: null, call_number: "F-00412-26", reason: null, agency: null };
  expect(missing(declaration, request).map((field) => field.title)).toEqual(["Reason"]);
  expect(missing(declaration, { ...request, call_number: null, reason: "Seen at the gate" }).map((field) => field.name)).toEqual(["case_number"]);
  expect(missing(declaration, null)).toEqual([]);
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

  it("tells a person who is not signed in there from a question that was denied", () => {
    expect(ending({ status: "denied", code: "sign_in_at_vendor" }, 0)).toEqual(["Not answered: you are not signed in there", "amber"]);
    expect(ending({ status: "denied", code: "refused" }, 0)[0]).toBe("Denied: it was not answered");
  });

  it("counts what came before it broke off", () => {
    expect(ending({ status: "partial" }, 2)[0]).toBe("2 answers, but not all that was asked for");
    expect(ending({ status: "unavailable" }, 2)[0]).toBe("2 answers, then it broke off");
    expect(ending({ status: "ok" }, 1)).toEqual(["1 answer", "green"]);
  });
});
