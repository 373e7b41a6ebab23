// Who is here, what stands between them and the console, and the hub they are at. The one-time link
// is exchanged and taken out of the address before anything else happens, so that it stands in no
// history and no screenshot.
import { untrack } from "svelte";
import { hub, Problem, session as api, type Hub } from "../api";
import { remedy } from "../api/client";
import { clock } from "../live/clock.svelte";
import { live } from "../live/store.svelte";
import { asProblem } from "./loaded.svelte";
import { Held } from "./held";
import { homeOf } from "./pages";
import { place } from "./place.svelte";
import { Prompt } from "./prompt.svelte";
import { phaseOf, type Phase } from "./signed";
import { MINUTE } from "./time";
import { toasts } from "./toasts.svelte";

const TOKEN = /^#token=(.+)$/;
const ARRIVAL = /^#\/(confirmed|sign-in-failed|vendor-sign-in)(?:\/([\w-]+))?/;
const ACTIVE = ["pointerdown", "pointermove", "wheel", "keydown"];
const NO_PURPOSE = new Problem("purpose_needed", "A search needs a purpose, and no request is open.", "Open the call, case or request that you are working on, then ask again.");
export const POPUP = "popup,width=520,height=720";

/** What windows of one browser tell each other. `confirmed`: its person just proved who they are. */
type Told = { who: api.Session | null; confirmed?: boolean };

class Session {
  who = $state.raw<api.Session | null>(null);
  hub = $state.raw<Hub | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** How a sign-in ended that this window was opened or sent away for. */
  arrival = $state.raw<{ how: string; code: string } | null>(null);
  /** What questions wait for. */
  purpose = new Prompt();
  confirming = new Prompt();
  #asked = $state(false);
  /** By name, as far as it is this hub's own. */
  agencyName = (id: string): string => (id === this.hub?.agency ? this.hub.name : id);

  // Until the hub has said its time, its word alone counts: this machine's clock may be wrong.
  phase: Phase = $derived(phaseOf(this.who, this.hub ? clock.now : 0));
  state: Phase | "asking" = $derived(this.#asked && (this.hub || this.phase !== "in") ? this.phase : "asking");
  /** What was refused while this screen was locked, or its notice unread. */
  #held = new Held();
  #channel = new BroadcastChannel("watchfloor.session");
  #toldHub = 0;
  #leaving = false;

  /** As the person is called on the screen. */
  get person(): string {
    return this.who?.name ?? "";
  }

  get permissions(): string[] {
    return this.who?.permissions ?? [];
  }

  may(permission: string): boolean {
    return this.permissions.includes(permission);
  }

  begin(): void {
    const [, how, code = ""] = ARRIVAL.exec(location.hash) ?? [];
    if (how) this.arrival = { how, code };
    else this.#listen();
    this.#heal();
    void this.start();
  }

  async start(): Promise<void> {
    if (this.#leaving) return this.leave();
    this.problem = null;
    try {
      await this.#arrive();
    } catch (error) {
      this.problem = asProblem(error);
    }
    this.#asked = true;
  }

  signIn(again = false): void {
    location.assign(api.signInAddress("signed-in", again));
  }

  /** Prove again who you are, in a window beside: the work stays here. Where none may open, in this
   * one. */
  confirm(): void {
    if (!window.open(api.signInAddress("confirmed", true), "_blank", POPUP)) this.signIn(true);
  }

  /** With an account of the hub's own: to begin, or to show again who one is. */
  async signInHere(account: string, password: string): Promise<void> {
    const who = await api.beginHere(account, password);
    if (this.arrival) history.replaceState(null, "", "/");
    this.#tell({ who, confirmed: true });
  }

  /** The screen goes dark at once, whatever the hub says. */
  async lock(): Promise<void> {
    this.#tell({ who: locked(this.who) });
    await api.lock().catch((error) => (this.problem = asProblem(error)));
  }

  async acknowledge(): Promise<void> {
    this.#tell({ who: await api.acknowledge() });
  }

  /** Which request is worked on from now on. */
  async work(request: string | null): Promise<void> {
    this.#tell({ who: await api.work(request) });
  }

  /** For what is never answered without a purpose: asked before the hub refuses it, since refusals
   * are recorded and published. */
  async purposed(): Promise<void> {
    if (this.who?.request) return;
    if (!(await this.purpose.ask(NO_PURPOSE))) throw NO_PURPOSE;
  }

  /** The screen is taken away, whatever the hub says. Until it has ended the session, to try again is to
   * sign out again: it opens nothing. */
  async leave(): Promise<void> {
    this.problem = null;
    const left = await api.end().catch((error) => this.#stayed(asProblem(error)));
    this.#leaving = !left;
    this.#tell({ who: null });
    place.forget();
    if (left) location.assign(left.url ?? "/");
  }

  /** What the hub says to it instead; that the session has ended before is as good. */
  #stayed({ code, detail, remedy }: Problem): { url: null } | null {
    if (code === "not_signed_in") return { url: null };
    this.problem = new Problem("not_signed_out", `You are not signed out yet. ${detail}`, remedy);
    return null;
  }

  async #arrive(): Promise<void> {
    const token = TOKEN.exec(location.hash)?.[1];
    if (!token) return this.#recognise();
    history.replaceState(null, "", location.pathname);
    this.#enter(await api.begin(decodeURIComponent(token)));
  }

  async #recognise(): Promise<void> {
    const who = await api.read();
    this.#enter(who);
    const isWall = new URLSearchParams(location.search).has("wall");
    if (isWall && !who.wall) void this.#hang().catch((error) => toasts.fail(error));
  }

  /** On the wall from now on. What a desk had on the screen goes with the page. */
  async #hang(): Promise<void> {
    await api.wall();
    location.reload();
  }

  #enter(who: api.Session): void {
    this.#tell({ who, confirmed: this.arrival?.how === "confirmed" });
    this.#asked = true;
    if (this.arrival?.how === "confirmed") window.close();
  }

  /** Not before the notice was read: the hub would refuse it, and every sign-in leave a refusal in the log. */
  async #meet(): Promise<void> {
    const met = await hub.read();
    clock.set(met.now, met.timezone);
    live.banner = met.banner;
    this.hub = met;
  }

  #tell(told: Told): void {
    this.#hear(told);
    this.#channel.postMessage(told);
  }

  #hear({ who, confirmed }: Told): void {
    // What one person had on the screen is never left for the next.
    if (who && this.#asked && this.who?.person !== who.person) return location.reload();
    this.who = who;
    if (confirmed) this.confirming.answer(true);
  }

  /** What the hub says of the session now: it may have been kept open in another window. */
  async #look(ask = api.read): Promise<void> {
    const before = this.who?.state;
    const who = await ask();
    // Locked meanwhile: the answer is of before.
    if (this.who?.state === before) this.#tell({ who });
  }

  #listen(): void {
    this.#channel.onmessage = (message: MessageEvent<Told>) => this.#hear(message.data);
    for (const type of ACTIVE) addEventListener(type, () => this.#active(), { capture: true, passive: true });
    $effect.root(() => {
      // Of the phase alone: the hub's word that the session goes on must not open the page anew.
      $effect(() => {
        const phase = this.phase;
        if (this.#asked) untrack(() => this.#turned(phase));
      });
      $effect(() => void (live.connection.state === "signed_out" && this.#look().catch(() => undefined)));
    });
  }

  /** What the hub refuses is asked again once it can be. */
  #heal(): void {
    remedy("not_signed_in", async (problem) => {
      // Whoever proved who they are in a window beside has a new cookie, and this went with the old one.
      const still = this.who && (await api.still().catch(() => null));
      if (still && still.person === this.who?.person) return true;
      this.who = null;
      this.problem = problem;
      return false;
    });
    remedy("session_locked", (_, signal) => {
      this.who = locked(this.who);
      return this.#held.hold(signal);
    });
    remedy("banner_not_acknowledged", async (_, signal) => {
      if (this.#asked) await this.#look();
      return this.phase !== "in" && this.#held.hold(signal);
    });
    remedy("purpose_needed", (problem) => this.purpose.ask(problem));
    remedy("reauthenticate", (problem) => this.confirming.ask(problem));
    for (const code of ["second_person_needed", "supervisor_needed"]) remedy(code, async (problem, signal) => (await import("./second.svelte")).secondPeople.agreed(problem, signal));
  }

  #turned(phase: Phase): void {
    if (phase === "in") {
      if (!this.hub) void this.#meet().catch((error) => (this.problem = asProblem(error)));
      place.back(this.who!.person, homeOf(this.permissions));
      live.start(this.permissions);
      this.#held.goOn();
      return;
    }
    place.leave(this.who?.person);
    live.stop();
    // This screen's clock locked it. If the hub cannot be asked, it stays so.
    if (phase === "locked" && this.who?.state === "open") void this.#look().catch(() => undefined);
  }

  /** Somebody is there. */
  #active(): void {
    if (this.phase !== "in" || this.who?.wall || Date.now() - this.#toldHub < MINUTE) return;
    this.#toldHub = Date.now();
    void this.#look(api.seen).catch(() => undefined);
  }
}

function locked(who: api.Session | null): api.Session | null {
  return who && { ...who, state: "locked" };
}

export const session = new Session();
