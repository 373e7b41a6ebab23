// What a screen asks for again and again: not while it is locked, when nobody sees it and the hub
// refuses it.
import { session } from "./session.svelte";

/** Until the answer is called. */
export function every(ms: number, ask: () => unknown): () => void {
  const timer = setInterval(() => session.phase === "in" && ask(), ms);
  return () => clearInterval(timer);
}
