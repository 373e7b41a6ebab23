import { expect, it } from "vitest";
import { tokenWord } from "./token";

const NOW = Date.parse("2026-11-23T00:00:00Z");

it("says whether a token still opens something", () => {
  expect(tokenWord({ until: "2027-01-01T00:00:00Z", revoked: null }, NOW)[0]).toBe("In force");
  expect(tokenWord({ until: "2026-11-25T00:00:00Z", revoked: null }, NOW)[0]).toBe("Ends soon");
  expect(tokenWord({ until: "2026-11-22T00:00:00Z", revoked: null }, NOW)[0]).toBe("Over");
  expect(tokenWord({ until: "2027-01-01T00:00:00Z", revoked: "2026-11-22T00:00:00Z" }, NOW)[0]).toBe("Revoked");
});
