import { expect, it } from "vitest";
import { signedIn, signedWords } from "./checkpoint";

const NOTE = "hub.example.org/audit\n100\ncm9vdA==\n\n— hub.example.org/audit c2ln\n— witness.example.org d2l0\n";

it("says how many records are signed, and by how many others", () => {
  expect(signedIn(NOTE)).toEqual({ size: 100, witnesses: 1 });
});

it("says nothing of what is no checkpoint", () => {
  expect(signedIn(null)).toBeNull();
  expect(signedIn("hub.example.org/audit\nmany\n")).toBeNull();
});

it("says how far a log is signed", () => {
  expect(signedWords({ size: 100, witnesses: 0 }, 100)).toBe("signed to the last, no witness yet");
  expect(signedWords({ size: 1000, witnesses: 2 }, 1003)).toBe("the first 1,000 signed, cosigned by 2 witnesses");
});
