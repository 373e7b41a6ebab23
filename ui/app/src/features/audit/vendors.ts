// Vendors' own logs in words: how each stands, what it leaves out, and what its rows say.
import type { oversight, vendors } from "../../api";
import type { Tone } from "../../lib/words";

const NOT_SET_UP = "not_set_up";

/** How it comes, and what to say besides. */
export function standingOf({ problem, late, detail }: vendors.Log): [word: string, tone: Tone, why: string] {
  if (problem === NOT_SET_UP) return ["Not set up", "grey", detail];
  if (late) return ["Late", "amber", detail];
  return problem ? ["Could not be read", "amber", detail] : ["Comes every day", "green", ""];
}

const FIELDS: Record<vendors.Field, string> = {
  user: "who asked",
  organisation: "which agency",
  subject: "about whom or what",
  reason: "why",
  case_number: "for which case",
};

/** What its rows never said. */
export const lacking = ({ rows, fields }: vendors.Log): string[] =>
  rows ? (Object.keys(FIELDS) as vendors.Field[]).filter((field) => !fields.includes(field)).map((field) => FIELDS[field]) : [];

/** Why a review waits that comes of such a comparison (docs/vendors-see-the-person.md). */
const DIFFERENCES = new Set(["past_the_hub", "not_at_vendor", "differs", "thinned", "log_thinned", "log_unreadable"]);

/** Those that nobody has signed first, as they are due; then the newest verdicts. */
export const differences = (waiting: oversight.Review[], signed: oversight.Review[]): oversight.Review[] => [
  ...waiting.filter(({ why }) => DIFFERENCES.has(why)),
  ...signed.filter(({ why }) => DIFFERENCES.has(why)).toSorted((one, other) => other.signed!.localeCompare(one.signed!)),
];

/** Whether a row is a question of this hub's, by what the row itself says. */
export function originOf({ record, organisation }: vendors.Row): string {
  if (organisation) return "Another agency";
  return record ? "This hub, it says" : "Not said: compared by time and subject";
}
