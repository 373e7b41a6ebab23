import { linesOf } from "../lib/lines";
import { ask, open, url } from "./client";
import type { Reach, SearchLine } from "./types";

/** One question; its answers as they come in. `alone`: nobody is asked where it takes a second
 * person; it is refused, and says so. */
export async function* search(q: string, signal?: AbortSignal, cursor?: string, alone = false): AsyncGenerator<SearchLine> {
  const answer = await open(url("/search", { q, limit: 500, cursor, ask: alone ? "false" : null }), { signal });
  if (!answer.body) return;
  for await (const line of linesOf(answer.body)) {
    if (line.trim()) yield JSON.parse(line) as SearchLine;
  }
}

/** How far a question would reach, and what it takes. */
export const reach = (q: string, signal?: AbortSignal) => ask<Reach>(url("/search/reach", { q }), { signal });
