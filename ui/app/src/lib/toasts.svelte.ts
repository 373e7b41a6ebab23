// What just happened, with a way back where there is one. Polite: it takes no focus. What went well
// goes by itself; what failed stays until somebody has read it.
import type { Said } from "../live/notices";
import { asProblem } from "./loaded.svelte";

export type Toast = { id: number; text: string; undo?: () => void; bad?: boolean; leads?: Said["leads"] };

const STAYS_MS = 7000;
const MOST = 3;

class Toasts {
  all = $state.raw<Toast[]>([]);
  #next = 0;

  say(text: string, undo?: () => void): void {
    const id = this.#add({ text, undo });
    setTimeout(() => this.drop(id), STAYS_MS);
  }

  fail(error: unknown): void {
    const { detail, remedy } = asProblem(error);
    this.#add({ text: `${detail} ${remedy}`, bad: true });
  }

  /** What somebody should know whatever they do now: it stays, and leads to where it is seen. The hub
   * tells each who oversees, and one person may be two of them. */
  tell({ text, leads }: Said): void {
    const page = JSON.stringify(leads);
    if (this.all.some((toast) => toast.text === text && JSON.stringify(toast.leads) === page)) return;
    this.#add({ text, leads, bad: true });
  }

  drop(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id);
  }

  #add(toast: Omit<Toast, "id">): number {
    const id = this.#next++;
    this.all = [...this.all.slice(1 - MOST), { id, ...toast }];
    return id;
  }
}

export const toasts = new Toasts();
