// What forms have in common.
import { tick } from "svelte";

/** Escape leaves a form, as long as nothing was written into it. */
export const escapes = (leave: () => void) => (form: HTMLElement) => {
  let written = false;
  const write = () => (written = true);
  const press = (event: KeyboardEvent) => event.key === "Escape" && !event.defaultPrevented && !written && leave();
  form.addEventListener("input", write);
  addEventListener("keydown", press);
  return () => {
    form.removeEventListener("input", write);
    removeEventListener("keydown", press);
  };
};

/** Puts the cursor where the first thing is wrong: it may stand out of sight. */
export async function showFirstWrong(form: HTMLFormElement): Promise<void> {
  await tick();
  form.querySelector<HTMLElement>("[aria-invalid]")?.focus();
}
