// Why nobody was signed in: what happened and what to do, by the hub's code. CONTACT stands for whom the
// agency names for people without access.

/** `again`: what the way to another sign-in is called, if there is one. `unavailable`: nobody can sign in
 * there, so an account of the hub's own is offered. */
export type Failure = { title: string; happened: string; remedy: string; again?: string; unavailable?: boolean };

const AGAIN = "Sign in again";
const ANOTHER = "Sign in as somebody else";

const NOT_SIGNED_IN = "You are not signed in";
const NO_ACCESS = "You have no access here";
const UNAVAILABLE = "Nobody can sign in now";

const BY_CODE: Record<string, Failure> = {
  sign_on_refused: {
    title: NOT_SIGNED_IN,
    happened: "What came back from your agency's sign-in could not be trusted, so it was not used.",
    remedy: "Sign in again. If it happens again, tell your agency's IT and quote the code.",
    again: AGAIN,
  },
  sign_on_stale: {
    title: NOT_SIGNED_IN,
    happened: "The sign-in took longer than ten minutes.",
    remedy: "Begin again.",
    again: AGAIN,
  },
  sign_on_replayed: {
    title: NOT_SIGNED_IN,
    happened: "This answer was used before. That happens when the page is loaded twice, or the back button is pressed.",
    remedy: "Begin again.",
    again: AGAIN,
  },
  weak_sign_on: {
    title: "A second factor is needed",
    happened: "You signed in with one factor, and this hub asks for two.",
    remedy: "Sign in with your second factor. If you have none, your agency's IT gives you one.",
    again: AGAIN,
  },
  low_assurance: {
    title: NO_ACCESS,
    happened: "Your agency's sign-in vouches for less than this hub asks for.",
    remedy: "Ask CONTACT how you get it, and quote the code.",
    again: ANOTHER,
  },
  sign_on_unavailable: {
    title: UNAVAILABLE,
    happened: "Your agency's sign-in does not answer.",
    remedy: "Try again in a minute. If it lasts, tell your agency's IT. In an emergency you sign in here with the break-glass account that they keep for it.",
    again: AGAIN,
    unavailable: true,
  },
  sign_on_misconfigured: {
    title: UNAVAILABLE,
    happened: "The hub and your agency's sign-in do not agree on how they talk to each other.",
    remedy: "Tell your agency's IT and quote the code: docs/sign-in.md says what to compare.",
    unavailable: true,
  },
  no_sign_on: {
    title: "This hub has no single sign-on",
    happened: "It lets in by a link that works once.",
    remedy: "Open the link that the hub printed when it started, or ask whoever started it for a new one.",
  },
  no_role: {
    title: NO_ACCESS,
    happened: "Your account is known, and no role at this hub belongs to it.",
    remedy: "Ask CONTACT for access.",
    again: ANOTHER,
  },
  no_agency: {
    title: NO_ACCESS,
    happened: "Your account is known, and of no agency that works with this hub.",
    remedy: "Ask CONTACT for access.",
    again: ANOTHER,
  },
  roles_apart: {
    title: NO_ACCESS,
    happened: "Your account has two roles that one person may not have: who runs the hub does not also check it.",
    remedy: "Ask CONTACT to have one of the two taken away.",
    again: ANOTHER,
  },
  handle_taken: {
    title: NO_ACCESS,
    happened: "The name that your agency's sign-in gives you is another person's at this hub.",
    remedy: "Ask whoever manages accounts at your agency to give you one of your own, and quote the code.",
    again: ANOTHER,
  },
  claims_unclear: {
    title: NO_ACCESS,
    happened: "What your agency's sign-in says of you contradicts itself.",
    remedy: "Ask CONTACT to have it corrected, and quote the code.",
    again: ANOTHER,
  },
};

const UNKNOWN: Failure = {
  title: NOT_SIGNED_IN,
  happened: "Signing in did not work.",
  remedy: "Sign in again. If it happens again, tell your agency's IT and quote the code.",
  again: AGAIN,
};

const NOT_THERE = "You are not signed in there";
const BEGIN_THERE = "Close this window, and begin again from your question.";

const AT_VENDOR: Record<string, Failure> = {
  sign_in_not_begun: {
    title: NOT_THERE,
    happened: "What came back from the vendor belongs to no sign-in that you began, or it took too long.",
    remedy: BEGIN_THERE,
  },
  sign_in_refused: {
    title: NOT_THERE,
    happened: "The vendor did not let you in.",
    remedy: `${BEGIN_THERE} If it happens again, ask whoever gives accounts at the vendor.`,
  },
};

const UNKNOWN_THERE: Failure = { title: NOT_THERE, happened: "Signing in at the vendor did not work.", remedy: BEGIN_THERE };

/** Why nobody was signed in at a vendor. */
export const atVendor = (code: string): Failure => AT_VENDOR[code] ?? UNKNOWN_THERE;

export function failure(code: string, contact: string): Failure {
  const found = BY_CODE[code] ?? UNKNOWN;
  return { ...found, remedy: found.remedy.replace("CONTACT", () => contact) };
}
