import { expect, it } from "vitest";
import type { people } from "../../api";
import { byPerson } from "./persons";

const at = (id: string, person: string, seen: string): people.SignedIn => ({
  id, person, name: person, agency: "A", roles: ["analyst"], address: "192.0.2.1", device: "d", begun: seen, seen, ends: seen, state: "open", wall: false, mine: false,
});

it("puts every screen of a person together, the one seen last first, by name", () => {
  const persons = byPerson([at("1", "Ben", "2026-11-23T01:00:00Z"), at("2", "Ana", "2026-11-23T02:00:00Z"), at("3", "Ben", "2026-11-23T03:00:00Z")]);
  expect(persons.map(({ person, all }) => [person, all.map(({ id }) => id)])).toEqual([["Ana", ["2"]], ["Ben", ["3", "1"]]]);
});
