// How far a question reaches, in words: before it runs.
import type { Counted, Reach } from "../../api";
import { count, number } from "../../lib/words";

const WORDS: [Counted, string, string][] = [
  ["records", "record", "records"],
  ["plates", "plate", "plates"],
  ["people", "phone number", "phone numbers"],
  ["cameras", "camera", "cameras"],
  ["agencies", "other agency", "other agencies"],
  ["sightings", "sighting of one", "sightings of one"],
];

/** One count, and the most that one person looks through alone. */
export type Row = { counted: string; most: string; over: boolean };

/** What it touches; what it does not is left out. */
export function rowsOf(reach: Reach): Row[] {
  return WORDS.filter(([name]) => reach[name]).map(([name, one, many]) => {
    const over = reach[name] > reach.limits[name];
    const more = name === "records" ? reach.more : name === "sightings" && over;
    const counted = more ? `More than ${count(reach[name] - 1, one, many)}` : count(reach[name], one, many);
    return { counted, most: number.format(reach.limits[name]), over };
  });
}

export function titleOf(reach: Reach): string {
  return reach.history ? "This is a movement history" : "This reaches far";
}

/** Why it takes two. */
export function whyOf({ history, before }: Reach): string {
  return history
    ? `So many days or sightings of one subject show where somebody goes. A supervisor agrees before it is shown.`
    : `${before ? `With ${count(before, "record")} that your searches showed in the last hour. ` : ""}A supervisor agrees before it is searched.`;
}
