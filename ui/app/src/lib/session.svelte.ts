// Who is here, and the hub they are at. The one-time link is exchanged and taken out of the address
// before anything else happens, so that it stands in no history and no screenshot.
import { hub, Problem, type Hub } from "../api";
import { clock } from "../live/clock.svelte";
import { things } from "../live/assets.svelte";
import { live } from "../live/store.svelte";
import { asProblem } from "./loaded.svelte";

const TOKEN = /^#token=(.+)$/;

class Session {
  state = $state<"asking" | "in" | "out">("asking");
  person = $state("");
  hub = $state.raw<Hub | null>(null);
  problem = $state.raw<Problem | null>(null);

  async start(): Promise<void> {
    this.state = "asking";
    this.problem = null;
    try {
      const [{ person }, met] = await this.#arrive();
      this.person = person;
      this.#meet(met);
    } catch (error) {
      this.problem = asProblem(error);
      this.state = "out";
    }
  }

  async leave(): Promise<void> {
    await hub.signOut().catch(() => undefined);
    location.reload();
  }

  /** Who somebody with a session is and where are asked together: neither waits for the other. */
  async #arrive(): Promise<[hub.Session, Hub]> {
    const token = TOKEN.exec(location.hash)?.[1];
    if (!token) return Promise.all([hub.session(), hub.read()]);
    history.replaceState(null, "", "#/live");
    return [await hub.signIn(decodeURIComponent(token)), await hub.read()];
  }

  #meet(met: Hub): void {
    clock.set(met.now, met.timezone);
    live.banner = met.banner;
    this.hub = met;
    this.state = "in";
    live.start();
    things.start();
  }
}

export const session = new Session();
