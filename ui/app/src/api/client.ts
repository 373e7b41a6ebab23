// The one place that speaks HTTP. Everything else in this folder names a route and a shape.

export const BASE = "/api/v1";

/** What the hub says when it cannot: what happened, what to do, a code to quote; `approval` is the
 * question that a second person was asked. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
    readonly remedy: string,
    readonly status = 0,
    readonly approval = "",
  ) {
    super(detail);
  }
}

/** `plain`: what the hub refuses is only said, and put right by nobody. */
type Options = { method?: string; body?: unknown; signal?: AbortSignal; plain?: boolean };

/** Whether what kept the hub from answering was put right, so that the question can be asked again. */
export type Remedy = (problem: Problem, signal?: AbortSignal) => Promise<boolean>;

const remedies = new Map<string, Remedy>();

/** What to do when the hub answers with a code, before anybody else hears of it. */
export function remedy(code: string, how: Remedy): void {
  remedies.set(code, how);
}

/** Asks, and asks again by itself once a person has put right what the hub refused it for. */
export async function open(path: string, options: Options = {}): Promise<Response> {
  const answer = await sent(path, options);
  if (answer.ok) return answer;
  const problem = await problemIn(answer);
  if (!options.plain && (await remedies.get(problem.code)?.(problem, options.signal))) return open(path, options);
  throw problem;
}

function sent(path: string, { method = "GET", body, signal }: Options): Promise<Response> {
  // A page of another site cannot send this header: the hub knows its own console by it.
  const headers: Record<string, string> = { "Watchfloor-Request": "1" };
  const init: RequestInit = { method, headers, credentials: "same-origin", signal };
  if (body !== undefined) {
    const file = body instanceof Blob;
    init.body = file ? body : JSON.stringify(body);
    headers["Content-Type"] = file ? "application/octet-stream" : "application/json";
  }
  return fetch(BASE + path, init).catch(unreachable);
}

export async function ask<T>(path: string, options: Options = {}): Promise<T> {
  const answer = await open(path, options);
  return answer.status === 204 ? (undefined as T) : ((await answer.json()) as T);
}

/** A path with its parts escaped and its empty parameters left out. */
export function url(path: string, params: Record<string, string | number | null | undefined> = {}): string {
  const given = Object.entries(params).filter(([, value]) => value != null && value !== "");
  const query = new URLSearchParams(given.map(([key, value]) => [key, String(value)]));
  return given.length ? `${path}?${query}` : path;
}

function unreachable(cause: unknown): never {
  if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
  throw new Problem(
    "hub_unreachable",
    "The hub does not answer.",
    "Check that it is running, then try again.",
  );
}

async function problemIn(answer: Response): Promise<Problem> {
  const body = (await answer.json().catch(() => null)) as { error?: Partial<Problem> } | null;
  const { code, detail, remedy, approval } = body?.error ?? {};
  return new Problem(
    code ?? `http_${answer.status}`,
    detail ?? `The hub answered ${answer.status}.`,
    remedy ?? "Try again; if it stays so, quote the code to whoever runs the hub.",
    answer.status,
    approval,
  );
}
