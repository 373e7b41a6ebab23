// What another system told, as words: its own names, nothing in braces.

export function plain(value: unknown): string {
  if (value === true) return "yes";
  if (value === false) return "no";
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (value !== null && typeof value === "object") {
    const parts = Object.entries(value).filter(([, inner]) => inner !== null && inner !== "");
    return parts.map(([name, inner]) => `${name} ${plain(inner)}`).join("; ");
  }
  return String(value);
}

const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/;

/** What it told, without what it left empty. `time`: a moment, which is shown in the agency's own time. */
export function factsIn(data: Record<string, unknown>): { name: string; text: string; time: boolean }[] {
  return Object.entries(data)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ({ name, text: plain(value), time: typeof value === "string" && MOMENT.test(value) }))
    .filter(({ text }) => text !== "");
}
