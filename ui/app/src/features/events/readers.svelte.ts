import { things } from "../../live/assets.svelte";
import { withReader } from "./headline";

class Readers {
  #names = $derived(new Map((things.readers.value ?? []).map((reader) => [reader.id, reader.name])));

  /** A headline with the reader's name in it. */
  said(headline: string): string {
    return withReader(headline, (id) => this.#names.get(id));
  }
}

export const readers = new Readers();
