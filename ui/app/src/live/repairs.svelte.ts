// What is to be repaired: asked for again when a source's state changes, and now and then, because
// some faults only count once they have lasted.
import { sources } from "../api";
import { every } from "../lib/every";
import { Loaded } from "../lib/loaded.svelte";

const AGAIN_MS = 20_000;

class Repairs {
  list = new Loaded<sources.Repair[]>();

  get count(): number {
    return this.list.value?.length ?? 0;
  }

  look(): void {
    void this.list.load(async (signal) => (await sources.repairs(signal)).items, true);
  }

  /** Until the answer is called. */
  watch(): () => void {
    this.look();
    return every(AGAIN_MS, () => this.look());
  }
}

export const repairs = new Repairs();
