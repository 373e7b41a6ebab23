// How one stands with a vendor that wants to know who asks, and signing in there: in a window beside, so
// that the question stays where it is. Where none may open, in this one, which comes back to its page.
import { lookups } from "../../api";
import { ARRIVED } from "../../lib/arrived";
import { place } from "../../lib/place.svelte";
import { POPUP, session } from "../../lib/session.svelte";
import { Work } from "../../lib/work.svelte";
import { clock } from "../../live/clock.svelte";

export class Vendor {
  work = new Work();
  #state = $state.raw<lookups.OwnSignIn | null>(null);
  until = $derived(this.#state?.until && Date.parse(this.#state.until) > clock.now ? this.#state.until : null);
  /** Whether nothing is answered before they have signed in there. */
  wanted = $derived(this.#state?.needed === true && !this.until);

  constructor(readonly offer: lookups.Offer) {}

  /** Looks, and looks again when a window comes back from there, until it is told to stop. */
  watch(back: () => void): (() => void) | undefined {
    if (!this.offer.sign_in_at) return;
    const channel = new BroadcastChannel(ARRIVED);
    channel.onmessage = () => void this.#look().then(back);
    void this.#look();
    return () => channel.close();
  }

  /** The vendor itself has said so. */
  refused(): void {
    this.#state = { needed: true, until: null };
  }

  /** Where it cannot be told, the question's own answer says what is to be done. */
  async #look(): Promise<void> {
    this.#state = await lookups.ownSignIn(this.offer.source).catch(() => this.#state);
  }

  signIn(): Promise<void> {
    // Opened at once: after an answer was waited for, a browser takes it for an advertisement.
    const beside = window.open("", "_blank", POPUP);
    return this.work.do(async () => {
      try {
        const { url } = await lookups.signIn(this.offer.source);
        if (beside) return beside.location.replace(url);
        place.leave(session.who?.person);
        location.assign(url);
      } catch (error) {
        beside?.close();
        throw error;
      }
    });
  }

  signOut(): Promise<void> {
    return this.work.do(async () => {
      await lookups.signOut(this.offer.source);
      await this.#look();
    });
  }
}
