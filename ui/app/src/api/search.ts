import { linesOf } from "../lib/lines";
import { open, url } from "./client";
import type { SearchLine } from "./types";

/** One question; its answers as they come in. */
export async function* search(q: string, signal?: AbortSignal, cursor?: string): AsyncGenerator<SearchLine> {
  const answer = await open(url("/search", { q, limit: 500, cursor }), { signal });
  if (!answer.body) return;
  for await (const line of linesOf(answer.body)) {
    if (line.trim()) yield JSON.parse(line) as SearchLine;
  }
}
