// The live store: what the worker tells, applied once a frame. Pages read it, nobody else writes it.
import { alerts as alertsApi, events, sources as sourcesApi, type Alert, type Banner, type ReaderCounts, type Source, type Summary } from "../api";
import { Loaded } from "../lib/loaded.svelte";
import { toasts } from "../lib/toasts.svelte";
import { things } from "./assets.svelte";
import { clock } from "./clock.svelte";
import { merged } from "./feed";
import { addReads } from "./news";
import { saidOf } from "./notices";
import type { Frame, Label } from "./positions";
import type { Connection, FromWorker, News, ToWorker } from "./protocol";

export const FEED_LENGTH = 4000;
const SOURCES_MS = 20_000;
export const FEED_KINDS = "call,unit,gunshot,hit,camera,correction,retraction";

type Follower = (frame: Frame) => void;

class Live {
  connection = $state.raw<Connection>({ state: "connecting" });
  ready = $state(false);
  /** How often the board was taken anew. What was on the screen then went: its person may see less. */
  restarts = $state(0);
  feed = $state.raw<Summary[]>([]);
  calls = $state.raw(new Map<string, Summary>());
  gunshots = $state.raw(new Map<string, Summary>());
  alerts = $state.raw(new Map<string, Alert>());
  /** Whether the alerts of before are here. */
  inbox = new Loaded<true>();
  sources = $state.raw<Source[]>([]);
  reads = $state.raw<{ total: number; perReader: ReaderCounts; since: number; last: number | null }>({ total: 0, perReader: {}, since: 0, last: null });
  banner = $state.raw<Banner | null>(null);
  /** What is not shown to this person, whatever there is of it: in words. */
  closed = $state.raw("");
  moving = $state.raw({ units: 0, vehicles: 0, newest: 0 });
  frame: Frame | null = null;
  labels: Label[] = [];
  #followers = new Set<Follower>();
  #waiting: FromWorker[] = [];
  #end: () => void = () => undefined;
  #permissions: string[] = [];

  /** Follows what somebody with these permissions may see: all of it, or the sources alone. */
  start(permissions: string[]): void {
    this.stop();
    this.connection = { state: "connecting" };
    this.#permissions = permissions;
    if (this.#may("data:live")) this.#follow();
    else this.#followSources();
  }

  stop(): void {
    this.#end();
    this.#end = () => undefined;
  }

  #may(permission: string): boolean {
    return this.#permissions.includes(permission);
  }

  #stream(told: ToWorker): () => void {
    const worker = new Worker(new URL("./stream.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = (message: MessageEvent<FromWorker>) => this.#queue(message.data);
    worker.postMessage(told);
    return () => worker.terminate();
  }

  #follow(): void {
    const ends = [this.#stream({ board: true }), things.start()];
    this.#end = () => ends.forEach((end) => end());
    void this.loadAlerts();
  }

  #followSources(): void {
    const end = this.#stream({ board: false });
    // That they did not come this once changes nothing.
    const look = () => this.#may("sources:read") && void this.askForSources().then(() => (this.ready = true), () => undefined);
    const timer = setInterval(look, SOURCES_MS);
    this.#end = () => (end(), clearInterval(timer));
    look();
  }

  /** Called with each new frame of positions, and at once with the last one. */
  onPositions(follower: Follower): () => void {
    this.#followers.add(follower);
    if (this.frame) follower(this.frame);
    return () => this.#followers.delete(follower);
  }

  get newAlerts(): number {
    return [...this.alerts.values()].filter((alert) => alert.state === "new").length;
  }

  /** The alert that an event belongs to: what is done because of it is done because of that. */
  alertOf(seq: number): Alert | undefined {
    return [...this.alerts.values()].find(({ events }) => events.includes(seq));
  }

  sourceName(id: string): string {
    return this.sources.find((source) => source.id === id)?.name ?? id;
  }

  /** What the hub answered to a change: the stream brings it a moment later. */
  putSource(source: Source): void {
    this.sources = withSources(this.sources, [source]);
  }

  /** The stream tells of new sources every few seconds only. */
  async askForSources(): Promise<void> {
    this.sources = (await sourcesApi.list()).items;
  }

  putAlerts(more: Alert[]): void {
    if (!more.length) return;
    const alerts = new Map(this.alerts);
    for (const alert of more) alerts.set(String(alert.id), alert);
    this.alerts = alerts;
  }

  /** All that are open, however old, and the newest of the others. */
  async loadAlerts(): Promise<void> {
    if (!this.#may("alerts:read")) return;
    await this.inbox.load(async (signal) => {
      const [open, closed] = await Promise.all([alertsApi.open(signal), alertsApi.closed(signal)]);
      this.putAlerts([...closed.items, ...open]);
      return true;
    }, true);
  }

  /** Fills the feed back to a time, as far as it holds that much. */
  async reach(since: number, signal: AbortSignal): Promise<void> {
    let cursor: string | null = "";
    while (cursor !== null && this.feed.length < FEED_LENGTH) {
      const page = await events.list({ kind: FEED_KINDS, since: new Date(since).toISOString(), limit: 1000, cursor }, signal);
      this.feed = merged(this.feed, page.items, FEED_LENGTH);
      cursor = page.next;
    }
  }

  #queue(message: FromWorker): void {
    this.#waiting.push(message);
    if (this.#waiting.length > 1) return;
    // A hidden page gets no frames; then a timer keeps the store true.
    const next = document.hidden ? (work: () => void) => setTimeout(work, 250) : requestAnimationFrame;
    next(() => this.#waiting.splice(0).forEach((waiting) => this.#apply(waiting)));
  }

  #apply(message: FromWorker): void {
    if (message.type === "connection") this.connection = message.connection;
    else if (message.type === "positions") this.#move(message.frame);
    else if (message.type === "news") this.#hear(message.news);
    else this.#begin(message.board);
  }

  #begin(board: Extract<FromWorker, { type: "board" }>["board"]): void {
    clock.set(board.now);
    if (this.ready) this.#startOver();
    this.feed = merged(this.feed, [...board.recent, ...board.calls, ...board.gunshots], FEED_LENGTH);
    this.calls = latest(new Map(), board.calls);
    this.gunshots = latest(new Map(), board.gunshots);
    this.sources = board.sources;
    this.closed = board.closed;
    const perReader = board.reads.per_reader;
    this.reads = { total: board.reads.total, perReader, since: board.reads.since, last: newest(perReader) };
    this.putAlerts(board.alerts.shown ?? []);
    this.ready = true;
    void this.loadAlerts();
  }

  #startOver(): void {
    this.feed = [];
    this.alerts = new Map();
    this.inbox.clear();
    this.restarts += 1;
  }

  #hear(news: News): void {
    if (news.summaries.length) this.#file(news.summaries);
    this.#count(news.reads);
    this.putAlerts(news.alerts);
    if (news.sources) this.sources = news.sources;
    if (news.changed.length) this.sources = withSources(this.sources, news.changed);
    if (news.banner !== undefined) this.banner = news.banner;
    for (const notice of news.notices) toasts.tell(saidOf(notice));
  }

  #file(summaries: Summary[]): void {
    this.feed = merged(this.feed, summaries, FEED_LENGTH);
    const calls = summaries.filter((event) => event.kind === "call");
    if (calls.length) this.calls = latest(this.calls, calls);
    const gunshots = summaries.filter((event) => event.kind === "gunshot");
    if (gunshots.length) this.gunshots = latest(this.gunshots, gunshots);
  }

  #count(more: ReaderCounts): void {
    const fresh = Object.values(more);
    if (!fresh.length) return;
    const perReader = addReads({ ...this.reads.perReader }, more);
    const total = fresh.reduce((sum, reader) => sum + reader.count, this.reads.total);
    this.reads = { ...this.reads, total, perReader, last: newest(more) ?? this.reads.last };
  }

  #move(frame: Frame): void {
    for (const [slot, label] of frame.labels) this.labels[slot] = label;
    this.frame = frame;
    this.moving = tally(frame);
    for (const follower of this.#followers) follower(frame);
  }
}

/** By subject; a later state replaces an earlier one. */
function latest(old: Map<string, Summary>, more: Summary[]): Map<string, Summary> {
  const made = new Map(old);
  for (const event of more) {
    const key = event.subject ?? event.id;
    if ((made.get(key)?.seq ?? -1) < event.seq) made.set(key, event);
  }
  return made;
}

function withSources(old: Source[], more: Source[]): Source[] {
  const byId = new Map(old.map((source) => [source.id, source]));
  for (const source of more) byId.set(source.id, source);
  return [...byId.values()];
}

function newest(reads: ReaderCounts): number | null {
  const times = Object.values(reads).map((reader) => reader.last);
  return times.length ? Math.max(...times) : null;
}

function tally(frame: Frame): { units: number; vehicles: number; newest: number } {
  let vehicles = 0;
  let last = 0;
  for (let i = 0; i < frame.count; i++) {
    vehicles += frame.looks[i]! & 1;
    if (frame.times[i]! > last) last = frame.times[i]!;
  }
  return { units: frame.count - vehicles, vehicles, newest: last };
}

export const live = new Live();
