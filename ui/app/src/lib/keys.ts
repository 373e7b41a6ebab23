// One table of keys for the whole page: what is registered last wins, `?` lists what is in force.

export type Binding = { key: string; does: string; run: () => void; where?: string };

const bindings: Binding[] = [];

/** Adds keys until the answer is called. */
export function bind(more: Binding[]): () => void {
  bindings.push(...more);
  return () => more.forEach((binding) => bindings.splice(bindings.indexOf(binding), 1));
}

export function bound(): Binding[] {
  const seen = new Set<string>();
  return bindings.filter((binding) => !seen.has(binding.key + binding.where) && seen.add(binding.key + binding.where));
}

/** "j", "Enter", "Ctrl-k", "?" as people write them. */
export function nameOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey">): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `Ctrl-${key}` : key;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function listen(): void {
  window.addEventListener("keydown", (event: KeyboardEvent) => {
    const key = nameOf(event);
    if (event.defaultPrevented || event.altKey) return;
    if (isTyping(event.target) && !key.startsWith("Ctrl-")) return;
    if (key === "Enter" && event.target instanceof HTMLElement && event.target.closest("button, a")) return;
    const binding = bindings.findLast((known) => known.key === key);
    if (!binding || document.querySelector("[role=dialog],[role=menu]")) return;
    event.preventDefault();
    binding.run();
  });
}
