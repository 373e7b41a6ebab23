import { expect, it } from "vitest";
import { headlineOf, isUndelivered, whyOf } from "./said";

const rule = { title: "Gunshot detected", description: "A sensor heard gunshots." };

it("does not say the rule's title twice", () => {
  expect(headlineOf({ title: "Gunshot detected: Gunshot at 39XX Main St" }, rule)).toBe("Gunshot at 39XX Main St");
  expect(headlineOf({ title: "Rule cannot be evaluated: Gunshot detected" }, rule)).toBe("Rule cannot be evaluated: Gunshot detected");
  expect(headlineOf({ title: "Gone: x" }, undefined)).toBe("Gone: x");
});

it("says whose list it is, and else what the rule is about", () => {
  expect(whyOf({ reason: "On the list “A”", hot_list: "a" }, rule)).toBe("On the list “A”");
  expect(whyOf({ reason: "Meets the rule's condition", hot_list: null }, rule)).toBe("A sensor heard gunshots.");
  expect(whyOf({ reason: "Meets the rule's condition", hot_list: null }, undefined)).toBe("Meets the rule's condition");
});

it("is marked as not delivered while nobody has acted on it", () => {
  const deliveries = { waiting: 0, delivered: 1, given_up: 1 };
  expect(isUndelivered({ state: "new", deliveries })).toBe(true);
  expect(isUndelivered({ state: "acknowledged", deliveries })).toBe(false);
  expect(isUndelivered({ state: "new", deliveries: { ...deliveries, given_up: 0 } })).toBe(false);
});
