// What waits for a second person. Whoever asked goes on working: once somebody has agreed it is asked
// again by itself, and a no, or nobody in time, is said as what it is. Whoever left the page on which
// they asked is told, and led back there.
import { Problem } from "../api/client";
import * as api from "../api/requests";
import { clock } from "../live/clock.svelte";
import { asProblem } from "./loaded.svelte";
import type { Page } from "./pages";
import { place } from "./place.svelte";
import { toasts } from "./toasts.svelte";

/** How long the hub holds one look open. */
const LOOK_S = 25;

/** Where something was asked. */
type Place = { page: Page; params: Record<string, string> };

export type Waiting = { approval: api.Approval; from: Place; stop: () => void };

/** What became of a question, and how many of those who asked it wait for that where they asked. */
type Followed = { answer: Promise<api.Approval>; here: number };

const WAITS = "second_person_waits";

const who = ({ answerer, people }: api.Approval) => (answerer ? (people[answerer] ?? answerer) : "The second person");
const declined = (approval: api.Approval) =>
  new Problem("second_person_declined", `${who(approval)} did not agree${approval.note ? `: ${approval.note}` : "."}`, "Speak with them, then ask again.");
const said = (approval: api.Approval) => `${approval.answer === "overridden" ? "Opened as an emergency" : `${who(approval)} agreed`}: ${approval.what}`;
const nobody = () => new Problem("second_person_silent", "Nobody agreed in time.", "Ask again once somebody is there who may agree.");
const stopped = () => new Problem(WAITS, "You no longer wait for the second person.", "Their answer still counts: do it again once they have agreed.");

export class SecondPeople {
  waiting = $state.raw<Waiting[]>([]);
  #followed = new Map<string, Followed>();

  /** True once somebody has agreed to what was refused. Raises what became of it otherwise. Without
   * whoever asked it goes on waiting: the answer then leads back to where they asked. */
  async agreed(problem: Problem, signal?: AbortSignal): Promise<boolean> {
    const id = problem.approval;
    if (!id) return false;
    // Asked for twice it is one question, and one thing that waits.
    const followed = this.#followed.get(id) ?? this.#begin(id);
    followed.here += 1;
    let leave: () => void = () => undefined;
    const left = new Promise<never>((_, fail) => (leave = () => fail(stopped())));
    signal?.addEventListener("abort", leave);
    try {
      await Promise.race([followed.answer, left]);
      return true;
    } finally {
      signal?.removeEventListener("abort", leave);
      followed.here -= 1;
    }
  }

  /** The hub's answer to something done about it here. */
  put(approval: api.Approval): void {
    this.waiting = this.waiting.map((each) => (each.approval.id === approval.id ? { ...each, approval } : each));
  }

  #begin(id: string): Followed {
    const from = { page: place.page, params: Object.fromEntries(place.params) };
    const followed: Followed = { answer: this.#follow(id, from), here: 0 };
    this.#followed.set(id, followed);
    void followed.answer
      .then(
        (approval) => followed.here || toasts.tell({ text: said(approval), leads: { ...from, name: "Open it" } }),
        (error) => followed.here || asProblem(error).code === WAITS || toasts.fail(error),
      )
      .finally(() => this.#followed.delete(id));
    return followed;
  }

  async #follow(id: string, from: Place): Promise<api.Approval> {
    const abort = new AbortController();
    try {
      let approval = await api.approval(id, 0, abort.signal);
      this.waiting = [...this.waiting, { approval, from, stop: () => abort.abort() }];
      while (approval.answer === null && clock.now < Date.parse(approval.expires)) approval = await api.approval(id, LOOK_S, abort.signal);
      if (approval.answer === null) throw nobody();
      if (approval.answer === "declined") throw declined(approval);
      return approval;
    } catch (error) {
      throw abort.signal.aborted ? stopped() : error;
    } finally {
      this.waiting = this.waiting.filter((each) => each.approval.id !== id);
    }
  }
}

export const secondPeople = new SecondPeople();
