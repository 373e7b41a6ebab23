import { expect, it } from "vitest";
import type { people } from "../../api";
import { byPerson, placesOf } from "./persons";

const at = (id: string, person: string, seen: string): people.SignedIn => ({
  id, person, name: person, agency: "A", roles: ["analyst"], address: "192.0.2.1", device: "d", program: "Firefox on Linux", begun: seen, seen, ends: seen, state: "open", wall: false, mine: false,
});

it("puts every screen of a person together, the one seen last first, by name", () => {
  const persons = byPerson([at("1", "Ben", "2026-11-23T01:00:00Z"), at("2", "Ana", "2026-11-23T02:00:00Z"), at("3", "Ben", "2026-11-23T03:00:00Z")]);
  expect(persons.map(({ person, all }) => [person, all.map(({ id }) => id)])).toEqual([["Ana", ["2"]], ["Ben", ["3", "1"]]]);
});

it("counts others' screens by device and by agency, most first, and not one's own", () => {
  const screen = (id: string, device: string, mine = false) => ({ ...at(id, "Ana", "2026-11-23T01:00:00Z"), device, mine });
  const [devices, agencies] = placesOf([screen("1", "aaaaaaaa"), screen("2", "bbbbbbbb"), screen("3", "bbbbbbbb"), screen("4", "cccccccc", true), screen("5", "run.json")], (id) => `Agency ${id}`);
  expect(devices!.all).toEqual([
    { which: "bbbbbbbb", name: "Ana, Firefox on Linux (bbbbbbbb)", screens: 2 },
    { which: "aaaaaaaa", name: "Ana, Firefox on Linux (aaaaaaaa)", screens: 1 },
  ]);
  expect(agencies!.all).toEqual([{ which: "A", name: "Agency A", screens: 3 }]);
});
