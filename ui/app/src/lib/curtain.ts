// A locked screen holds nothing: what was on it is taken out of the page, not covered. It is kept as
// it was, half-filled forms included, and comes back with whoever proves that it is theirs.

const HEARD = ["keydown", "keyup", "pointerdown", "focusin", "paste"];

/** Takes everything out of the page but one element; brings it back when the answer is called. */
export function draw(kept: Element): () => void {
  const focused = document.activeElement;
  const away = document.createDocumentFragment();
  away.append(...[...document.body.children].filter((each) => each !== kept && each.tagName !== "SCRIPT"));
  // Keys and open dialogs of what is away hear nothing.
  for (const type of HEARD) addEventListener(type, hush, true);
  return () => {
    for (const type of HEARD) removeEventListener(type, hush, true);
    document.body.append(away);
    if (focused instanceof HTMLElement) focused.focus();
  };
}

function hush(event: Event): void {
  event.stopPropagation();
}
