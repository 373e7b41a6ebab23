import { expect, it } from "vitest";
import type { Kept } from "../../api/intelligence";
import { begin, read } from "../../lib/schema";
import { factsOf, RECIPIENT, SUBMISSION } from "./forms";

const record: Kept = {
  id: "CI-000000000000", subject: "Zed Example", activity: "a", suspicion: "s", offence: "120", submitter: "x", agency: "EX-PD", control_official: "y",
  sensitivity: "sensitive", confidence: "usually_reliable", entered: "2026-11-23T00:00:00Z", entered_by: "aruiz", review_by: "2031-11-23T00:00:00Z", version: 1,
};

it("wants everything said that part 23 asks for", () => {
  const { problems } = read(SUBMISSION, begin(SUBMISSION, {}));
  expect(Object.keys(problems)).toEqual(expect.arrayContaining(["subject", "suspicion", "offence", "control_official", "sensitivity", "confidence"]));
  expect(RECIPIENT.map(({ name }) => name)).toContain("right");
});

it("begins a correction with the record, and has it declared anew", () => {
  const { config, problems } = read(SUBMISSION, begin(SUBMISSION, record));
  expect(problems).toEqual({});
  expect(config).toMatchObject({ subject: "Zed Example", confidence: "usually_reliable", lawfully_obtained: false, about_conduct: false });
  expect(factsOf(record)).toContainEqual(["Offence", "120"]);
  expect(factsOf(record)).toContainEqual(["Confidence in the source", "Usually reliable"]);
});
