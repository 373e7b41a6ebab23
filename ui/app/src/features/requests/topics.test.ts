import { expect, test } from "vitest";
import { topicsIn } from "./topics";

const TOPICS = [
  { code: "immigration", title: "Immigration", words: "immigra\\w*|border patrol", names: "ICE|Ice" },
  { code: "gender_care", title: "Gender-affirming care", words: "gender[- ]affirming|trans (?:youth|care)", names: null },
];

test("words in any case, names as they stand, both whole", () => {
  expect(topicsIn("An IMMIGRANT at a gender-affirming clinic", TOPICS)).toEqual(["immigration", "gender_care"]);
  expect(topicsIn("for ICE", TOPICS)).toEqual(["immigration"]);
  expect(topicsIn("Crash on ice, police told; SERVICES", TOPICS)).toEqual([]);
});
