// One question and its answers as they stream in, handed to the page a frame at a time.
import { Problem, reach, search, type Asset, type Reach, type SearchDone, type SearchLine, type SourceAnswer, type Summary, type Understood } from "../../api";
import { clock } from "../../live/clock.svelte";
import { asProblem } from "../../lib/loaded.svelte";
import { session } from "../../lib/session.svelte";

export class Asking {
  asked = $state("");
  understood = $state.raw<Understood | null>(null);
  hits = $state.raw<Summary[]>([]);
  assets = $state.raw<Asset[]>([]);
  answers = $state.raw<SourceAnswer[]>([]);
  done = $state.raw<SearchDone | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** How far it would reach, where that takes a second person who has not been asked. */
  reach = $state.raw<Reach | null>(null);
  /** A second person was asked. */
  seconded = $state(false);
  #ends: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | null = null;

  async ask(q: string): Promise<void> {
    this.stop();
    this.asked = q;
    this.done = this.problem = this.reach = null;
    this.seconded = false;
    this.#forget();
    await this.#follow(q, undefined, true);
  }

  /** The same question, for which a second person is asked. */
  async second(): Promise<void> {
    this.seconded = true;
    this.problem = null;
    await this.#follow(this.asked);
    this.seconded = false;
    if (!this.problem) this.reach = null;
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
    clearTimeout(this.#ends);
  }

  #forget(): void {
    this.understood = null;
    this.hits = [];
    this.assets = [];
    this.answers = [];
  }

  /** What was given for a while is shown no longer. */
  #end(until: string): void {
    clearTimeout(this.#ends);
    this.#ends = setTimeout(() => {
      this.stop();
      this.#forget();
      this.problem = new Problem("answer_expired", "What was found here was shown for a while, and that is over.", "Ask again.");
    }, Date.parse(until) - clock.now);
  }

  async #follow(q: string, cursor?: string, alone = false): Promise<void> {
    const abort = (this.#abort = new AbortController());
    let waiting: SearchLine[] = [];
    const show = () => {
      if (!abort.signal.aborted) waiting.forEach((line) => this.#take(line));
      waiting = [];
    };
    try {
      await session.purposed();
      for await (const line of search(q, abort.signal, cursor, alone)) {
        if (waiting.push(line) === 1) setTimeout(show, 16);
      }
      show();
    } catch (error) {
      if (!abort.signal.aborted) await this.#explain(q, asProblem(error), abort.signal);
    }
  }

  /** What takes a second person is shown with how far it reaches; nobody is asked before somebody
   * wants that; whoever comes back to what they asked for waits for it here again. */
  async #explain(q: string, problem: Problem, signal: AbortSignal): Promise<void> {
    if (problem.code !== "supervisor_needed") return void (this.problem = problem);
    try {
      this.reach = await reach(q, signal);
      const { secondPeople } = await import("../../lib/second.svelte");
      if (!signal.aborted && secondPeople.waiting.some(({ from }) => from.params.q === q)) await this.second();
    } catch (error) {
      if (!signal.aborted) this.problem = asProblem(error);
    }
  }

  #take(line: SearchLine): void {
    if ("understood" in line) {
      this.understood = line.understood;
      const until = line.understood.accountability?.until;
      if (until) this.#end(until);
    }
    else if ("hits" in line) this.hits = [...this.hits, ...line.hits];
    else if ("assets" in line) this.assets = [...this.assets, ...line.assets];
    else if ("status" in line) this.answers = [...this.answers.filter((known) => known.source !== line.status.source), line.status];
    else this.done = line.done;
  }
}
