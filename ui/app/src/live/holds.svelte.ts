// Which holds end: looked after for as long as somebody is here who keeps holds, or answers for one.
import * as api from "../api/retention";
import { every } from "../lib/every";
import { Loaded } from "../lib/loaded.svelte";
import { HOUR } from "../lib/time";

class EndingHolds {
  list = new Loaded<api.EndingHold[]>();

  get all(): api.EndingHold[] {
    return this.list.value ?? [];
  }

  look = () => this.list.load(async (signal) => (await api.endingHolds(signal)).items, true);

  watch(): () => void {
    void this.look();
    const end = every(HOUR, this.look); // said days ahead, and each look is a record of the audit
    return () => (end(), this.list.clear());
  }
}

export const endingHolds = new EndingHolds();
