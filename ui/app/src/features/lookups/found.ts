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
