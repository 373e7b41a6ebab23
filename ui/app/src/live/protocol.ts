// What the stream's worker tells the page.
import type { Alert, Banner, Board, ReaderCounts, Source, Summary } from "../api/types";
import type { Notice } from "./notices";
import type { Frame } from "./positions";

export type Connection =
  | { state: "connecting" }
  | { state: "live"; heard: number }
  | { state: "reconnecting"; heard: number | null; retryAt: number }
  | { state: "signed_out" };

export type News = {
  summaries: Summary[];
  reads: ReaderCounts;
  alerts: Alert[];
  /** All there are, where that was said; those that changed since. */
  sources: Source[] | null;
  changed: Source[];
  banner: Banner | null | undefined;
  notices: Notice[];
};

/** Whether the board is theirs who look; the rest is told to everybody. */
export type ToWorker = { board: boolean };

export type FromWorker =
  | { type: "connection"; connection: Connection }
  | { type: "board"; board: Omit<Board, "units"> }
  | { type: "news"; news: News }
  | { type: "positions"; frame: Frame };
