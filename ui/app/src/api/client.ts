// The one place that speaks HTTP. Everything else in this folder names a route and a shape.

export const BASE = "/api/v1";

/** What the hub says when it cannot: what happened, what to do, a code to quote. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
    readonly remedy: string,
    readonly status = 0,
  ) {
    super(detail);
  }
}

type Options = { method?: string; body?: unknown; signal?: AbortSignal };

export async function open(path: string, options: Options = {}): Promise<Response> {
  const { method = "GET", body, signal } = options;
  const init: RequestInit = { method, credentials: "same-origin", signal };
  if (body !== undefined) {
    const file = body instanceof Blob;
    init.body = file ? body : JSON.stringify(body);
    init.headers = { "Content-Type": file ? "application/octet-stream" : "application/json" };
  }
  const answer = await fetch(BASE + path, init).catch(unreachable);
  if (!answer.ok) throw await problemIn(answer);
  return answer;
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
  const { code, detail, remedy } = body?.error ?? {};
  return new Problem(
    code ?? `http_${answer.status}`,
    detail ?? `The hub answered ${answer.status}.`,
    remedy ?? "Try again; if it stays so, quote the code to whoever runs the hub.",
    answer.status,
  );
}
