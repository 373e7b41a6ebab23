// Something that a person has to do before the hub answers. However many questions wait for it, they
// are asked for it once.
import type { Problem } from "../api";

export class Prompt {
  problem = $state.raw<Problem | null>(null);
  #answered = Promise.resolve(false);
  #answer: (done: boolean) => void = () => undefined;

  ask(problem: Problem): Promise<boolean> {
    if (!this.problem) this.#answered = new Promise((answer) => (this.#answer = answer));
    this.problem = problem;
    return this.#answered;
  }

  /** Done, or not now. */
  answer(done: boolean): void {
    this.problem = null;
    this.#answer(done);
  }
}
