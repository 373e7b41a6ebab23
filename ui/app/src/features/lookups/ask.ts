// What can be asked about, why it is asked, and how an answer ended: never "nothing found" where the
// truth is that it could not be asked.
import type { Chip, lookups } from "../../api";
import { fieldOf, type Field } from "../../lib/schema";
import type { Request } from "../../api/requests";
import { count, type Tone } from "../../lib/words";

export type Subject = { about: lookups.SubjectKind; subject: string };

const ABOUT = /^(plate|phone|address) ([^?*]+)$/;

const NAME = /^\p{L}[\p{L}'’. -]*,\s*\p{L}[\p{L}'’. -]*$/u;
const PHONE = /^\+?[\d\s().-]{10,20}$/;
const PHONE_DIGITS = 10;

/** The whole plates, phones and addresses that a search was understood to name; besides, what the
 * hub's own events have no field for: a person as "last, first", a number with its area code. */
export function subjectsIn(chips: Chip[], q: string): Subject[] {
  const understood = chips.flatMap((chip) =>
    chip.means.split(" or ").flatMap((means): Subject[] => {
      const found = ABOUT.exec(means);
      return found ? [{ about: found[1] as lookups.SubjectKind, subject: found[2]! }] : [];
    }),
  );
  const text = q.trim();
  if (NAME.test(text)) return [...understood, { about: "person", subject: text }];
  if (PHONE.test(text) && text.replace(/\D/g, "").length >= PHONE_DIGITS) return [{ about: "phone", subject: text }];
  return understood;
}

/** Those that an event names. */
export function subjectsOf(data: Record<string, unknown>): Subject[] {
  const address = (data.place as { address?: unknown } | undefined)?.address;
  const found: [lookups.SubjectKind, unknown][] = [["plate", data.plate], ["phone", data.phone], ["address", address]];
  return found.flatMap(([about, subject]) => (typeof subject === "string" && subject ? [{ about, subject }] : []));
}

const NEEDS: Record<lookups.Need, [title: string, long: boolean]> = {
  case_number: ["Case or call number", false],
  reason: ["Reason", true],
  on_behalf_of: ["On behalf of", false],
};

type Said = Pick<Request, "case_number" | "call_number" | "reason" | "agency">;

/** What the request that is open says already, and the hub passes on. */
const saysOf = (request: Said): Record<lookups.Need, string | null> => ({
  case_number: request.case_number ?? request.call_number,
  reason: request.reason,
  on_behalf_of: request.agency,
});

/** What this system wants to be told and the open request does not say. */
export function missing(declaration: lookups.Offer["declaration"], request: Said | null): Field[] {
  if (!request) return []; // which one it is for is asked first
  const said = saysOf(request);
  return (declaration.needs ?? []).filter((need) => !said[need]).map((need): Field => {
    const [title, long] = NEEDS[need];
    return { ...fieldOf(need, { type: "string", title, maxLength: long ? 4000 : 256 }, true), long };
  });
}

/** The vendor wants to know the person first. */
export const SIGN_IN = "sign_in_at_vendor";

/** How it ended, and whether the answer is whole. What came is counted as answers: "no record" is one. */
export function ending({ status, code }: lookups.Answer, found: number): [words: string, tone: Tone] {
  const came = count(found, "answer");
  if (code === SIGN_IN) return ["Not answered: you are not signed in there", "amber"];
  switch (status) {
    case "ok":
      return found ? [came, "green"] : ["Asked and answered: nothing found", "grey"];
    case "partial":
      return [found ? `${came}, but not all that was asked for` : "Only a part could be asked, and had nothing", "amber"];
    case "timed_out":
      return [found ? `${came}, the rest not in time` : "No answer in time", "amber"];
    case "denied":
      return ["Denied: it was not answered", "amber"];
    case "gap":
      return [found ? `${came}, but it has no data for a part of what was asked` : "It has no data for a part of what was asked, and nothing in the rest", "amber"];
    default:
      return [found ? `${came}, then it broke off` : "It could not be asked", "amber"];
  }
}
