// What the list of records is narrowed to: it stands in the address, so that it can be sent on.
import type { audit } from "../../api";

const NAMES = ["operator", "event", "outcome", "purpose", "case", "of_request", "since", "until"] as const;

export function whereOf(params: URLSearchParams): audit.Where {
  return Object.fromEntries(NAMES.flatMap((name) => (params.get(name) ? [[name, params.get(name)!]] : [])));
}

/** The same, with nothing narrowed. */
export const NOTHING: Record<string, null> = Object.fromEntries(NAMES.map((name) => [name, null]));
