// Which actions fit what is open, and what of their form is known already.
import type { deeds } from "../../api";

export type Known = Record<string, string>;

/** The hub's own: alerts go out by it, nobody presses it. */
const DELIVERY = "deliver-alert";

/** Names of parameters by which actions are told what they are about. */
export function knownOf(data: Record<string, unknown>): Known {
  const place = data.place as { address?: unknown } | undefined;
  const found: [string, unknown][] = [["call", data.call_number], ["plate", data.plate], ["camera", data.camera], ["address", place?.address]];
  return Object.fromEntries(found.filter((pair): pair is [string, string] => typeof pair[1] === "string" && pair[1] !== ""));
}

/** Those that are about it: a call for a call, a plate for a plate. A camera's id means something to
 * the source alone that it is of. What only takes another back is no button. */
export function fitting(all: deeds.Doable[], known: Known, of: string): deeds.Doable[] {
  const undoes = new Set(all.map(({ source, declaration }) => `${source} ${declaration.undo}`));
  const about = Object.keys(known).filter((name) => name !== "address");
  return all.filter(
    ({ source, declaration: { name, parameters } }) =>
      name !== DELIVERY &&
      !undoes.has(`${source} ${name}`) &&
      about.some((each) => each in (parameters.properties ?? {}) && (each !== "camera" || source === of)),
  );
}
