import { expect, it } from "vitest";
import described from "../../../../../docs/oversight.md?raw";
import vendors from "../../../../../docs/vendors-see-the-person.md?raw";
import { VERDICTS, verdictOf, whyWord } from "./said";

it("has words for everything that oversight looks for", () => {
  const [findings] = vendors.slice(vendors.indexOf("| finding |")).split("\n\n");
  const rows = [described, findings].join("\n").split("\n").filter((line) => line.startsWith("| `"));
  const names = rows.flatMap((line) => [...line.split("|")[1]!.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name!));
  expect(names).toEqual(expect.arrayContaining(["repeated_target", "past_the_hub"]));
  expect([...names, "sample", "sharing"].filter((name) => whyWord(name) === name.replaceAll("_", " "))).toEqual([]);
});

it("calls a verdict by its word alone once it stands, and each has a key of its own", () => {
  expect(verdictOf("misuse")).toEqual(["Misuse", "red"]);
  expect(new Set(VERDICTS.map(({ key }) => key)).size).toBe(VERDICTS.length);
});
