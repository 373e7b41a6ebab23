import { expect, test } from "vitest";
import { failure } from "./failures";

test.each(["no_role", "no_agency", "roles_apart", "claims_unclear", "low_assurance"])("%s names whom the agency names", (code) => {
  expect(failure(code, "the help desk, 555-0142").remedy).toMatch(/^Ask the help desk, 555-0142 /);
});
