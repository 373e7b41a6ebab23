// Questions that are held until they can be answered again. Whoever no longer wants to know is let go
// before: what a locked screen asked for again and again is not all asked when it opens.
export class Held {
  #all = new Set<(goOn: boolean) => void>();

  get size(): number {
    return this.#all.size;
  }

  /** True once they go on; false where somebody stopped asking. */
  hold(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted) return Promise.resolve(false);
    return new Promise((answer) => {
      const end = (goOn: boolean) => {
        this.#all.delete(end);
        signal?.removeEventListener("abort", drop);
        answer(goOn);
      };
      const drop = () => end(false);
      this.#all.add(end);
      signal?.addEventListener("abort", drop);
    });
  }

  goOn(): void {
    this.#all.forEach((end) => end(true));
  }
}
