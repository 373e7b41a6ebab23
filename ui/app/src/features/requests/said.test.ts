import { expect, test } from "vitest";
import type { Purpose } from "../../api/requests";
import { forWhom, isReasoned, needs, noteSaid, numberName, offenceOf, reviewSaid, standing } from "./said";

const purpose = (...needed: Purpose["needs"]): Purpose => ({ code: "x", title: "X", needs: needed, synthetic_only: false, emergency: false });

test("a number is called what the purpose needs", () => {
  expect(numberName(purpose("offence", "case"))).toBe("Case number");
  expect(numberName(purpose("case_or_call"))).toBe("Call or case number");
  expect(numberName(purpose("reason"))).toBe("");
  expect(numberName(undefined)).toBe("");
  expect(needs(purpose("order"), "order")).toBe(true);
});

test("an offence of a state's own list stays one of it until another is typed", () => {
  const theirs = { code: "14:67", system: "la-rs" };
  expect(offenceOf("14:67", theirs)).toEqual(theirs);
  expect(offenceOf("120", theirs)).toEqual({ code: "120" });
  expect([offenceOf("120", null), offenceOf("", theirs)]).toEqual([{ code: "120" }, null]);
});

test("where it stands: review before late before who works on it", () => {
  const open = { state: "open", late: false, outcome: null, worker: null } as const;
  expect(standing(open)).toEqual(["Nobody yet", "amber"]);
  expect(standing({ ...open, worker: "casey" })[0]).toBe("Worked on");
  expect(standing({ ...open, worker: "casey", late: true })).toEqual(["Late", "amber"]);
  expect(standing({ ...open, state: "in_review", late: true })[0]).toBe("In review");
  expect(standing({ ...open, state: "done", outcome: "not_used" })).toEqual(["Found, not used", "grey"]);
});

test("a line of the history names people, and says nobody twice", () => {
  const people = { casey: "Casey Example" };
  expect(noteSaid({ did: "taken", note: "casey" }, people)).toBe("");
  expect(noteSaid({ did: "handed over", note: "casey" }, people)).toBe("To Casey Example");
  expect(noteSaid({ did: "handed over", note: "gone" }, people)).toBe("To gone");
  expect(noteSaid({ did: "answered", note: "not_found" }, people)).toBe("Not found");
});

test("for whom, without what nobody said", () => {
  const name = (id: string) => ({ "next-pd": "Next PD" })[id] ?? id;
  expect(forWhom({ requester: "Sgt Example", agency: "next-pd", on_behalf_of_person: null }, name)).toBe("Sgt Example, Next PD");
  expect(forWhom({ requester: null, agency: "gone", on_behalf_of_person: "Det Example" }, name)).toBe("gone, for Det Example");
  expect(forWhom({ requester: null, agency: null, on_behalf_of_person: null }, name)).toBe("");
});

test("an overdue review says so", () => {
  expect(reviewSaid({ why: "emergency", overdue: true })).toBe("It is an emergency override; its review is overdue.");
});

test("an emergency is reasoned in two lines with words", () => {
  expect(isReasoned("A child was taken from the park, white van.\nThere is no call yet.")).toBe(true);
  expect(isReasoned(`${"x".repeat(60)}\n`)).toBe(false);
  expect(isReasoned("A child was taken from the park, white van.\n12345")).toBe(false);
  expect(isReasoned("a\nb")).toBe(false);
});
