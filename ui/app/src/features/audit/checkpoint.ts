// A signed checkpoint as text (c2sp.org/tlog-checkpoint in a c2sp.org/signed-note): the log's name, how
// many records it covers, their root; after an empty line the signatures, the log's own and those of
// witnesses.
import { count, number } from "../../lib/words";

export type Signed = { size: number; witnesses: number };

export function signedIn(note: string | null): Signed | null {
  const [text = "", signatures = ""] = note?.split("\n\n") ?? [];
  const [origin, size] = text.split("\n");
  if (!origin || !/^\d+$/.test(size ?? "")) return null;
  const names = signatures.split("\n").filter((line) => line.startsWith("— ")).map((line) => line.split(" ")[1]);
  return { size: Number(size), witnesses: new Set(names.filter((name) => name !== origin)).size };
}

/** How far the log is signed, and by whom else. */
export function signedWords({ size, witnesses }: Signed, of: number): string {
  const far = size >= of ? "signed to the last" : `the first ${number.format(size)} signed`;
  return `${far}, ${witnesses ? `cosigned by ${count(witnesses, "witness", "witnesses")}` : "no witness yet"}`;
}
