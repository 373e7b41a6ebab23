// What waits for this person's word as the second one: looked after for as long as somebody is here who
// may give it, whatever page they are on.
import * as api from "../api/requests";
import { every } from "../lib/every";
import { Loaded } from "../lib/loaded.svelte";

const EVERY_MS = 20_000; // each look is a record of the audit

class Approvals {
  list = new Loaded<api.Approval[]>();

  get all(): api.Approval[] {
    return this.list.value ?? [];
  }

  look = () => this.list.load(async (signal) => (await api.approvals(signal)).items, true);

  watch(): () => void {
    void this.look();
    const end = every(EVERY_MS, this.look);
    return () => (end(), this.list.clear());
  }

  async answer(id: string, granted: boolean, note: string): Promise<void> {
    await api.approve(id, granted, note);
    await this.look();
  }
}

export const approvals = new Approvals();
