// One clock for every age on the screen: the hub's time, to the second.

class Clock {
  now = $state(Date.now());
  zone = $state(Intl.DateTimeFormat().resolvedOptions().timeZone);
  #ahead = 0;

  constructor() {
    setInterval(() => (this.now = Date.now() + this.#ahead), 1000);
  }

  /** The hub's time differs from this machine's; ages are told by the hub's. */
  set(hubNow: string, zone?: string): void {
    this.#ahead = Date.parse(hubNow) - Date.now();
    this.now = Date.now() + this.#ahead;
    if (zone) this.zone = zone;
  }
}

export const clock = new Clock();
