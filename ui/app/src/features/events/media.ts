// What an event carries to look at or listen to (contracts, Media.kind).

export type MediumKind = "plate_picture" | "vehicle_picture" | "scene_picture" | "clip" | "audio";

/** The kinds of an event's media, in their order: the place in it is what the hub is asked for. */
export function mediaOf(data: Record<string, unknown>): MediumKind[] {
  return ((data.media as { kind: MediumKind }[] | undefined) ?? []).map((medium) => medium.kind);
}

export const isPicture = (kind: MediumKind): boolean => kind.endsWith("_picture");

export const mediumWord: Record<MediumKind, string> = {
  plate_picture: "The plate as the reader saw it",
  vehicle_picture: "The vehicle as the reader saw it",
  scene_picture: "The scene",
  clip: "Video",
  audio: "Recording",
};

export function titleOf(media: MediumKind[]): string {
  if (media.every(isPicture)) return media.length === 1 ? "Picture" : "Pictures";
  return media.length === 1 ? mediumWord[media[0]!] : "Pictures and recordings";
}
