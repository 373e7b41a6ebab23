// Something that a person set off: busy until it is done; what went wrong is said.
import { toasts } from "./toasts.svelte";

export class Work {
  busy = $state(false);

  async do(work: () => Promise<unknown>): Promise<void> {
    this.busy = true;
    try {
      await work();
    } catch (error) {
      toasts.fail(error);
    } finally {
      this.busy = false;
    }
  }
}
