import { things } from "../../live/assets.svelte";
import { withReader } from "./headline";

class Readers {
  /** A camera that reads plates is a reader, too. */
  #names = $derived(
    new Map([...(things.cameras.value ?? []), ...(things.readers.value ?? [])].map(({ id, name }) => [id, name])),
  );

  /** A headline with the reader's name in it. */
  said(headline: string): string {
    return withReader(headline, (id) => this.#names.get(id));
  }
}

export const readers = new Readers();
