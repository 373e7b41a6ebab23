import { expect, test } from "vitest";
import { failure } from "./failures";

test.each(["no_role", "no_agency", "roles_apart", "claims_unclear", "low_assurance"])("%s names whom the agency names", (code) => {
  expect(failure(code, "the help desk, 555-0142").remedy).toMatch(/^Ask the help desk, 555-0142 /);
});

test.each([["weak_sign_on", "Sign in again"], ["no_role", "Sign in as somebody else"], ["no_sign_on", undefined]])("%s leaves a way on, where there is one", (code, again) => {
  expect(failure(code, "IT").again).toBe(again);
});
