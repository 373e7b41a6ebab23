// The purpose that was last given: no form asks twice for the same case. It lives as long as the tab.
import type { Values } from "../../lib/schema";

const KEY = "watchfloor.purpose";

function kept(): Values {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Values;
  } catch {
    return {};
  }
}

export const lastPurpose = (): Values => kept();

export function keepPurpose(given: Values): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ...kept(), ...given }));
}
