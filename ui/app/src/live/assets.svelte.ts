// Cameras and plate readers: read once, and again every few minutes, since they seldom move.
import { assets, type Asset } from "../api";
import { Loaded } from "../lib/loaded.svelte";
import { MINUTE } from "../lib/time";
import { desk } from "../map/desk.svelte";

class Things {
  cameras = new Loaded<Asset[]>();
  readers = new Loaded<Asset[]>();

  /** Until the answer is called. */
  start(): () => void {
    void this.load();
    const timer = setInterval(() => void this.load(), 5 * MINUTE);
    return () => clearInterval(timer);
  }

  async load(): Promise<void> {
    await Promise.all([
      this.cameras.load((signal) => assets.all("camera", signal), true),
      this.readers.load((signal) => assets.all("plate_reader", signal), true),
    ]);
    desk.cameras = this.cameras.value ?? [];
  }
}

export const things = new Things();
