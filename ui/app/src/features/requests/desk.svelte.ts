// What forms and rows of requests have in common: purposes and agencies, asked for once, and the
// request that this session works on.
import * as api from "../../api/requests";
import { session } from "../../lib/session.svelte";
import { toasts } from "../../lib/toasts.svelte";

class RequestDesk {
  purposes = $state.raw<api.Purpose[]>([]);
  topics = $state.raw<api.Topic[]>([]);
  agencies = $state.raw<api.Agency[]>([]);
  /** What is worked on: everything that is asked carries its purpose. */
  current = $state.raw<api.Request | null>(null);
  /** The one that is worked on and cannot be read. */
  unread = $state<string | null>(null);
  #asked = false;

  async know(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    try {
      const [purposes, agencies] = await Promise.all([api.purposes(), api.agencies()]);
      this.purposes = purposes.items;
      this.topics = purposes.topics;
      this.agencies = agencies.items;
    } catch (error) {
      this.#asked = false;
      toasts.fail(error);
    }
  }

  purpose = (code: string): api.Purpose | undefined => this.purposes.find((each) => each.code === code);

  agencyName = (id: string): string => this.agencies.find((each) => each.id === id)?.name ?? id;

  topicName = (code: string): string => this.topics.find((each) => each.code === code)?.title ?? code;

  /** As the session says: it may have been changed in another window. Another one may be worked on
   * before the answer is here. */
  async follow(id: string | null): Promise<void> {
    if (this.current?.id === id) return;
    this.current = this.unread = null;
    if (id === null) return;
    const read = await api.read(id).catch(() => null);
    if (session.who?.request !== id) return;
    this.current = read;
    this.unread = read ? null : id;
  }

  /** Whoever works on one that nobody had has taken it. */
  async work(request: api.Request | null): Promise<api.Request | null> {
    const taken = request && !request.worker ? await api.act(request.id, "take") : request;
    await session.work(taken?.id ?? null);
    this.unread = null;
    return (this.current = taken);
  }

  /** The hub's answer, wherever the request is shown. */
  put(request: api.Request): void {
    if (this.current?.id !== request.id) return;
    this.current = request;
    if (request.state === "done" || request.state === "cancelled") void this.work(null).catch((error) => toasts.fail(error));
  }
}

export const requestDesk = new RequestDesk();
