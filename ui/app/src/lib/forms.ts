// What forms have in common.
import { tick } from "svelte";

/** Puts the cursor where the first thing is wrong: it may stand out of sight. */
export async function showFirstWrong(form: HTMLFormElement): Promise<void> {
  await tick();
  form.querySelector<HTMLElement>("[aria-invalid]")?.focus();
}
