// Long work of the hub, followed until it has ended.
import { connectors, Problem } from "../api";
import { asProblem } from "./loaded.svelte";

const LOOK_MS = 500;

export class Following {
  job = $state.raw<connectors.Job | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);

  /** Whether it went well; what went wrong is in `problem`. */
  async follow(start: () => Promise<connectors.Job>): Promise<boolean> {
    this.busy = true;
    this.job = this.problem = null;
    try {
      this.job = await start();
      while (this.job.state === "running") {
        await new Promise((done) => setTimeout(done, LOOK_MS));
        this.job = await connectors.job(this.job.id);
      }
      const { error } = this.job;
      if (error) this.problem = new Problem(error.code, error.detail, error.remedy);
    } catch (error) {
      this.problem = asProblem(error);
    }
    this.busy = false;
    return this.problem === null;
  }
}
