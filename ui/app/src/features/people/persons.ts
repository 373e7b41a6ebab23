import type { people } from "../../api";

/** Somebody, and every screen that they are signed in at. */
export type Signed = Pick<people.SignedIn, "person" | "name" | "agency" | "roles"> & { all: people.SignedIn[] };

/** By name; of each the screen seen last first. */
export function byPerson(sessions: people.SignedIn[]): Signed[] {
  const persons = new Map<string, Signed>();
  for (const session of sessions.toSorted((a, b) => Date.parse(b.seen) - Date.parse(a.seen))) {
    const { person, name, agency, roles } = session;
    const known = persons.get(person) ?? { person, name, agency, roles, all: [] };
    known.all.push(session);
    persons.set(person, known);
  }
  return [...persons.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}

/** A browser's or command line's mark. The machine's own session has none, and ends with the hub. */
export const MARK = /^[0-9a-f]{8}$/;

/** Where others are signed in: agencies and devices, those with most screens first. */
export function placesOf(sessions: people.SignedIn[], agencyName: (id: string) => string) {
  const others = sessions.filter((session) => !session.mine && MARK.test(session.device));
  const counted = (of: "device" | "agency", named: (which: string, all: people.SignedIn[]) => string) =>
    [...Map.groupBy(others, (session) => session[of])]
      .map(([which, all]) => ({ which, name: named(which, all), screens: all.length }))
      .toSorted((a, b) => b.screens - a.screens || a.name.localeCompare(b.name));
  return [
    { title: "Devices", what: "devices", all: counted("device", deviceName) },
    { title: "Agencies", what: "agencies", all: counted("agency", agencyName) },
  ];
}

/** Who is there, and what they look through: a mark alone says nothing to anybody. */
const deviceName = (mark: string, all: people.SignedIn[]): string =>
  `${[...new Set(all.map(({ name }) => name))].join(", ")}, ${all[0]!.program || "unknown"} (${mark})`;
