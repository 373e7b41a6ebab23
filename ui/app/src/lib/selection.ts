// One selection, shared by map, list, time line and address bar: "event:41", "alert:7",
// "asset:cams/cam-12", "unit:avl/u4".

export type Selection =
  | { what: "event"; seq: number }
  | { what: "alert"; id: string }
  | { what: "asset"; source: string; id: string }
  | { what: "unit"; key: string };

export const ofEvent = (seq: number): string => `event:${seq}`;
export const ofAlert = (id: string | number): string => `alert:${id}`;
export const ofAsset = (asset: { source: string; id: string }): string => `asset:${asset.source}/${asset.id}`;
export const ofUnit = (key: string): string => `unit:${key}`;

export function selection(text: string | null): Selection | null {
  const [what, rest] = halves(text ?? "", ":");
  if (!rest) return null;
  if (what === "event") return Number.isInteger(+rest) ? { what, seq: +rest } : null;
  if (what === "alert") return { what, id: rest };
  if (what === "unit") return { what, key: rest };
  const [source, id] = halves(rest, "/");
  return what === "asset" && id ? { what, source, id } : null;
}

function halves(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + by.length)];
}
