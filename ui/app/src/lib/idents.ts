// Plates, units and call numbers in running text: capitals with digits among them. House numbers with
// their end left out (39XX) are none.

const IDENT = /\b(?:[A-Z]{1,3}-\d{3,}(?:-\d+)*|(?!\d+X+\b)(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{4,9})\b/g;

export function parts(text: string): { text: string; ident: boolean }[] {
  const found: { text: string; ident: boolean }[] = [];
  let at = 0;
  for (const match of text.matchAll(IDENT)) {
    if (match.index > at) found.push({ text: text.slice(at, match.index), ident: false });
    found.push({ text: match[0], ident: true });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ text: text.slice(at), ident: false });
  return found;
}
