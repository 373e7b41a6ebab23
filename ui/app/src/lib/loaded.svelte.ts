// Something asked of the server: loading, there, or a problem. A newer question ends the older one.
import { Problem } from "../api";

export class Loaded<T> {
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);
  #abort: AbortController | null = null;

  async load(ask: (signal: AbortSignal) => Promise<T>, keep = false): Promise<void> {
    this.#abort?.abort();
    const abort = (this.#abort = new AbortController());
    if (!keep) this.value = null;
    this.problem = null;
    this.loading = true;
    try {
      const value = await ask(abort.signal);
      if (!abort.signal.aborted) this.value = value;
    } catch (error) {
      if (!abort.signal.aborted) this.problem = asProblem(error);
    } finally {
      if (!abort.signal.aborted) this.loading = false;
    }
  }

  stop(): void {
    this.#abort?.abort();
  }

  /** As if nothing had been asked. */
  clear(): void {
    this.stop();
    this.value = this.problem = null;
    this.loading = false;
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem("console_fault", String(error), "Reload the page; if it stays so, quote the code.");
}
