// One question and its answers as they stream in, handed to the page a frame at a time.
import { search, type Asset, type Problem, type SearchDone, type SearchLine, type SourceAnswer, type Summary, type Understood } from "../../api";
import { asProblem } from "../../lib/loaded.svelte";

export class Asking {
  asked = $state("");
  understood = $state.raw<Understood | null>(null);
  hits = $state.raw<Summary[]>([]);
  assets = $state.raw<Asset[]>([]);
  answers = $state.raw<SourceAnswer[]>([]);
  done = $state.raw<SearchDone | null>(null);
  problem = $state.raw<Problem | null>(null);
  #abort: AbortController | null = null;

  async ask(q: string): Promise<void> {
    this.stop();
    this.asked = q;
    this.understood = this.done = this.problem = null;
    this.hits = [];
    this.assets = [];
    this.answers = [];
    await this.#follow(q);
  }

  /** The next page of the same question. */
  async more(): Promise<void> {
    const cursor = this.done?.next;
    if (!cursor) return;
    this.done = null;
    await this.#follow(this.asked, cursor);
  }

  stop(): void {
    this.#abort?.abort();
  }

  async #follow(q: string, cursor?: string): Promise<void> {
    const abort = (this.#abort = new AbortController());
    let waiting: SearchLine[] = [];
    const show = () => {
      if (!abort.signal.aborted) waiting.forEach((line) => this.#take(line));
      waiting = [];
    };
    try {
      for await (const line of search(q, abort.signal, cursor)) {
        if (waiting.push(line) === 1) setTimeout(show, 16);
      }
      show();
    } catch (error) {
      if (!abort.signal.aborted) this.problem = asProblem(error);
    }
  }

  #take(line: SearchLine): void {
    if ("understood" in line) this.understood = line.understood;
    else if ("hits" in line) this.hits = [...this.hits, ...line.hits];
    else if ("assets" in line) this.assets = [...this.assets, ...line.assets];
    else if ("status" in line) this.answers = [...this.answers.filter((known) => known.source !== line.status.source), line.status];
    else this.done = line.done;
  }
}
