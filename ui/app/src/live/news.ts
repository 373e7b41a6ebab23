// News gathered between two deliveries to the page, so that a burst is one update.
import type { Alert, Banner, ReaderCounts, Source, Summary } from "../api/types";
import type { Notice } from "./notices";
import type { News } from "./protocol";

export class Gathered {
  #news = empty();
  #any = false;

  /** Takes one stream message apart from positions; false when the page does not know its name. */
  add(event: string, data: unknown): boolean {
    if (event === "summaries") this.#news.summaries.push(...(data as Summary[]));
    else if (event === "reads") addReads(this.#news.reads, data as ReaderCounts);
    else if (event === "alerts") this.#news.alerts.push(...(data as Alert[]));
    else if (event === "sources") Object.assign(this.#news, { sources: data as Source[], changed: [] });
    else if (event === "source") this.#news.changed.push(data as Source);
    else if (event === "banner") this.#news.banner = (data as Banner | null) ?? null;
    else if (event === "notice") this.#news.notices.push(data as Notice);
    else return false;
    this.#any = true;
    return true;
  }

  take(): News | null {
    if (!this.#any) return null;
    const taken = this.#news;
    this.#news = empty();
    this.#any = false;
    return taken;
  }
}

/** Counts since the last message add up; the last time stands. */
export function addReads(into: ReaderCounts, more: ReaderCounts): ReaderCounts {
  for (const [reader, { count, last }] of Object.entries(more)) {
    into[reader] = { count: (into[reader]?.count ?? 0) + count, last };
  }
  return into;
}

const empty = (): News => ({ summaries: [], reads: {}, alerts: [], sources: null, changed: [], banner: undefined, notices: [] });
