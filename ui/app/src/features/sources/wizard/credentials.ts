// A credential as fields of a form: what it is made of, the hub says.
import type { sources } from "../../../api";
import { fieldOf, type Field, type Problems } from "../../../lib/schema";

type Part = sources.Credential["parts"][number];

const fieldIn = ({ name, title, help, secret, long }: Part, required: boolean): Field => ({
  ...fieldOf(name, { type: "string", title, description: help }, required),
  secret,
  long,
});

/** The parts of the usual way, and what some vendors want besides or instead. */
export function shownOf({ parts, ways }: Pick<sources.Credential, "parts" | "ways">): { usual: Field[]; more: Field[] } {
  const usual = ways[0] ?? [];
  return {
    usual: parts.filter(({ name }) => usual.includes(name)).map((part) => fieldIn(part, true)),
    more: parts.filter(({ name }) => !usual.includes(name)).map((part) => fieldIn(part, false)),
  };
}

/** What is still to be filled in, by the way that lacks least; none when one is whole. */
export function lackingOf({ ways }: Pick<sources.Credential, "ways">, typed: Record<string, unknown>): Problems {
  const lacking = ways.map((way) => way.filter((name) => !typed[name]));
  const least = lacking.toSorted((a, b) => a.length - b.length)[0] ?? [];
  return Object.fromEntries(least.map((name) => [name, "This is needed."]));
}
