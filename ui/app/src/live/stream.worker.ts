// Holds the live stream away from the page: reads the board, where that is theirs who look, follows the
// stream from there, parses, and hands on at most a few batches a second.
import type { Board } from "../api/types";
import { messagesOf } from "../lib/sse";
import { Gathered } from "./news";
import { PositionTable } from "./positions";
import type { Connection, FromWorker, ToWorker } from "./protocol";

const HAND_ON_MS = 200;
/** Each frame of positions makes the map draw anew; so many things are told once a second, at every
 * fifth turn even if it comes a little early. */
const MANY = 2000;
const MANY_MS = 1000 - HAND_ON_MS / 2;
const CONNECTION_MS = 1000;
/** The hub says something at least every few seconds; after this much silence the line is dead. */
const SILENCE_MS = 25_000;
const BACKOFF_MS = [500, 1000, 2000, 4000, 8000, 15_000];

class SignedOut extends Error {}

const positions = new PositionTable();
const gathered = new Gathered();
let withBoard = true;
let lastId: string | null = null;
let heard: number | null = null;
let toldAt = 0;
let framedAt = 0;

function tell(message: FromWorker, transfer: Transferable[] = []): void {
  postMessage(message, { transfer });
}

function tellConnection(connection: Connection): void {
  toldAt = Date.now();
  tell({ type: "connection", connection });
}

function hear(): void {
  heard = Date.now();
  if (heard - toldAt > CONNECTION_MS) tellConnection({ state: "live", heard });
}

function handOn(): void {
  const news = gathered.take();
  if (news) tell({ type: "news", news });
  if (positions.size > MANY && Date.now() - framedAt < MANY_MS) return;
  const frame = positions.frame();
  if (!frame) return;
  framedAt = Date.now();
  const { places, courses, times, looks } = frame;
  tell({ type: "positions", frame }, [places.buffer, courses.buffer, times.buffer, looks.buffer]);
}

async function get(path: string, headers: HeadersInit, signal: AbortSignal): Promise<Response> {
  const answer = await fetch(`/api/v1${path}`, { headers, signal, credentials: "same-origin" });
  if (answer.status === 401) throw new SignedOut();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer;
}

async function takeBoard(signal: AbortSignal): Promise<void> {
  const { units, ...board } = (await (await get("/live", {}, signal)).json()) as Board;
  lastId = String(board.seq);
  positions.put(units);
  tell({ type: "board", board });
}

/** Follows until the line breaks or falls silent. A `reset` forgets the position and ends it too. */
async function follow(abort: AbortController): Promise<void> {
  if (lastId === null && withBoard) await takeBoard(abort.signal);
  const headers = { Accept: "text/event-stream", "Last-Event-ID": lastId ?? "" };
  const answer = await get("/stream", headers, abort.signal);
  if (!answer.body) return;
  hear();
  const watch = setInterval(() => Date.now() - (heard ?? 0) > SILENCE_MS && abort.abort(), 2000);
  try {
    for await (const message of messagesOf(answer.body)) {
      hear();
      if (message?.event === "reset") return void (lastId = null);
      if (message) take(message.id, message.event, message.data);
    }
  } finally {
    clearInterval(watch);
  }
}

function take(id: string | null, event: string, data: string): void {
  if (id) lastId = id;
  if (event === "positions") positions.put(JSON.parse(data));
  else gathered.add(event, JSON.parse(data));
}

async function run(): Promise<void> {
  for (let failures = 0; ; failures++) {
    const before = heard;
    let signedOut = false; // the page knows what to do about it
    try {
      await follow(new AbortController());
    } catch (problem) {
      signedOut = problem instanceof SignedOut;
    }
    if (heard !== before) failures = 0;
    const step = signedOut ? BACKOFF_MS.length - 1 : Math.min(failures, BACKOFF_MS.length - 1);
    const wait = BACKOFF_MS[step]! * (0.75 + Math.random() / 2);
    tellConnection(signedOut ? { state: "signed_out" } : { state: "reconnecting", heard, retryAt: Date.now() + wait });
    await new Promise((done) => setTimeout(done, wait));
  }
}

onmessage = ({ data }: MessageEvent<ToWorker>) => {
  withBoard = data.board;
  setInterval(handOn, HAND_ON_MS);
  void run();
};
