// The stretch of time that is picked on the time line, in the address bar as unix seconds: "t=100-160".

export type Stretch = [from: number, to: number];

export function readStretch(text: string | null): Stretch | null {
  const [from, to] = (text ?? "").split("-").map(Number);
  return from && to && from < to ? [from * 1000, to * 1000] : null;
}

export const writeStretch = (stretch: Stretch | null): string | null =>
  stretch && `${Math.round(stretch[0] / 1000)}-${Math.round(stretch[1] / 1000)}`;

export function within(stretch: Stretch | null, time: number): boolean {
  return !stretch || (time >= stretch[0] && time < stretch[1]);
}
