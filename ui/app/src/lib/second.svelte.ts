// What waits for a second person. Whoever asked goes on working: once somebody has agreed it is asked
// again by itself, and a no, or nobody in time, is said as what it is.
import { Problem } from "../api/client";
import * as api from "../api/requests";
import { clock } from "../live/clock.svelte";

/** How long the hub holds one look open. */
const LOOK_S = 25;

export type Waiting = { approval: api.Approval; stop: () => void };

const declined = ({ answerer, note }: api.Approval) =>
  new Problem("second_person_declined", `${answerer ?? "The second person"} did not agree${note ? `: ${note}` : "."}`, "Speak with them, then ask again.");
const nobody = () => new Problem("second_person_silent", "Nobody agreed in time.", "Ask again once somebody is there who may agree.");
const stopped = () => new Problem("second_person_waits", "You no longer wait for the second person.", "Their answer still counts: do it again once they have agreed.");

export class SecondPeople {
  waiting = $state.raw<Waiting[]>([]);
  #answers = new Map<string, Promise<boolean>>();

  /** True once somebody has agreed to what was refused. Raises what became of it otherwise. */
  async agreed(problem: Problem, signal?: AbortSignal): Promise<boolean> {
    const id = problem.approval;
    if (!id) return false;
    // Asked for twice it is one question, and one thing that waits.
    const answer = this.#answers.get(id) ?? this.#follow(id).finally(() => this.#answers.delete(id));
    this.#answers.set(id, answer);
    const leave = () => this.#stop(id);
    signal?.addEventListener("abort", leave, { once: true });
    return answer.finally(() => signal?.removeEventListener("abort", leave));
  }

  /** The hub's answer to something done about it here. */
  put(approval: api.Approval): void {
    this.waiting = this.waiting.map((each) => (each.approval.id === approval.id ? { ...each, approval } : each));
  }

  async #follow(id: string): Promise<boolean> {
    const abort = new AbortController();
    try {
      let approval = await api.approval(id, 0, abort.signal);
      this.waiting = [...this.waiting, { approval, stop: () => abort.abort() }];
      while (approval.answer === null && clock.now < Date.parse(approval.expires)) approval = await api.approval(id, LOOK_S, abort.signal);
      if (approval.answer === null) throw nobody();
      if (approval.answer === "declined") throw declined(approval);
      return true;
    } catch (error) {
      throw abort.signal.aborted ? stopped() : error;
    } finally {
      this.waiting = this.waiting.filter((each) => each.approval.id !== id);
    }
  }

  #stop(id: string): void {
    this.waiting.find(({ approval }) => approval.id === id)?.stop();
  }
}

export const secondPeople = new SecondPeople();
