// A file that the hub makes to be handed out: how it went, and how anybody checks it.
import type { Problem } from "../../api";
import { saved } from "../../lib/files";
import { asProblem } from "../../lib/loaded.svelte";

export class Making {
  busy = $state(false);
  /** The name of what was saved. */
  done = $state<string | null>(null);
  problem = $state.raw<Problem | null>(null);

  async make(file: () => Promise<Blob>, name: string): Promise<void> {
    this.busy = true;
    this.done = this.problem = null;
    try {
      saved(await file(), name);
      this.done = name;
    } catch (error) {
      this.problem = asProblem(error);
    }
    this.busy = false;
  }
}
