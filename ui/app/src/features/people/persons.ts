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
