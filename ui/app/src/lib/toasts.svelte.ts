// What just happened, with a way back where there is one. Polite: it takes no focus and goes by itself.

export type Toast = { id: number; text: string; undo?: () => void; bad?: boolean };

const STAYS_MS = 7000;

class Toasts {
  all = $state.raw<Toast[]>([]);
  #next = 0;

  say(text: string, undo?: () => void): void {
    this.#add({ id: this.#next++, text, undo });
  }

  fail(text: string): void {
    this.#add({ id: this.#next++, text, bad: true });
  }

  drop(id: number): void {
    this.all = this.all.filter((toast) => toast.id !== id);
  }

  #add(toast: Toast): void {
    this.all = [...this.all.slice(-2), toast];
    setTimeout(() => this.drop(toast.id), STAYS_MS);
  }
}

export const toasts = new Toasts();
