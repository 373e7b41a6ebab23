// Lists that stand still while they are read.

/** The items in a remembered order; those that are gone are left out, or taken from `kept`. */
export function held<T>(items: T[], order: string[], id: (item: T) => string, kept?: (id: string) => T | undefined): T[] {
  const known = new Map(items.map((item) => [id(item), item]));
  return order.flatMap((name) => known.get(name) ?? kept?.(name) ?? []);
}

/** How many items are not in the remembered order. */
export function unseen<T>(items: T[], order: string[], id: (item: T) => string): number {
  const seen = new Set(order);
  return items.reduce((sum, item) => sum + (seen.has(id(item)) ? 0 : 1), 0);
}

/** The item some steps on; the first where none is chosen. Stops at both ends. */
export function stepped<T>(items: T[], chosen: number, by: number): T | undefined {
  return items[chosen < 0 ? 0 : Math.min(items.length - 1, Math.max(0, chosen + by))];
}
