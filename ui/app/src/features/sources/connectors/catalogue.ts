// What is installed and what is offered as one list, and what a connector touches in words.
import type { connectors, Kind } from "../../../api";
import { kindWord, spaced, type Tone } from "../../../lib/words";

export type Entry = {
  id: string;
  name: string;
  vendor: string;
  description: string;
  owner: string;
  version: string | null;
  level: string | null;
  installed: boolean;
  newer: string | null;
  standing: [word: string, tone: Tone, why: string];
  sources: string[];
  manifest: connectors.Manifest | null;
};

export function catalogue(offers: connectors.Offer[], installed: connectors.Installed[]): Entry[] {
  const ids = new Set([...installed.map((each) => each.id), ...offers.map((each) => each.id)]);
  const entries = [...ids].map((id) =>
    entryOf(offers.find((each) => each.id === id) ?? null, installed.find((each) => each.id === id) ?? null, id),
  );
  return entries.toSorted((a, b) => Number(b.installed) - Number(a.installed) || a.name.localeCompare(b.name));
}

export function entryOf(offer: connectors.Offer | null, here: connectors.Installed | null, id: string): Entry {
  const manifest = here?.manifest ?? offer?.manifest ?? null;
  const version = here ? here.version : (offer?.version ?? null);
  return {
    id,
    name: manifest?.name ?? offer?.name ?? id,
    vendor: (manifest?.vendor ?? offer?.vendor ?? "").replace(/^any$/, "Any vendor"),
    description: manifest?.description ?? offer?.description ?? "",
    owner: manifest?.owner ?? offer?.owner ?? "",
    version,
    level: offer?.releases.find((release) => release.version === version)?.level ?? offer?.level ?? null,
    installed: here !== null,
    newer: here?.newer ?? null,
    standing: standingOf(offer, here),
    sources: here?.sources ?? [],
    manifest,
  };
}

/** Who vouches for it. */
function standingOf(offer: connectors.Offer | null, here: connectors.Installed | null): Entry["standing"] {
  const revoked = here ? here.revoked : (offer?.revoked?.reason ?? null);
  if (revoked) return ["Revoked", "amber", revoked];
  if (here?.verified === false) return ["Does not verify", "amber", `${here.problem} None of its sources starts.`];
  if (here?.problem) return ["Cannot be used", "amber", here.problem];
  if (here?.verified === null) return ["Installed with the hub", "grey", "It lies in the hub's own environment, for development: there is nothing signed to compare it with."];
  return ["Verified", "green", "Signed by the index, and compared with it at each start."];
}

/** Whether every word stands in what is said of it. */
export function fits(entry: Entry, text: string): boolean {
  const said = [entry.id, entry.name, entry.vendor, entry.owner, entry.description, entry.manifest?.capabilities, entry.manifest?.event_types];
  const whole = said.flat().join(" ").toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => whole.includes(word));
}

/** "none": it was checked, and may not be called bronze. */
export function levelWord(level: string | null): string {
  if (!level) return "Not checked";
  return level === "none" ? "Below bronze" : spaced(level);
}

const KINDS: Record<string, Kind> = {
  "cad.incident": "call",
  "cad.unit-status": "unit",
  "lpr.read": "read",
  "lpr.hit": "hit",
  "gunshot.detection": "gunshot",
  "e911.call": "911",
  "rms.report": "report",
  "security.alarm": "alarm",
  "video.detection": "detection",
  "camera.status": "camera",
  "vehicle.position": "vehicle",
};

/** "watchfloor.lpr.read.v1" as "Plate read"; one that nobody named here by its own words. */
export function eventWord(type: string): string {
  const name = type.replace(/^watchfloor\./, "").replace(/\.v\d+$/, "");
  const kind = KINDS[name];
  return kind ? kindWord[kind] : spaced(name.replaceAll(".", " "));
}

export type Touched = { name: keyof connectors.Touches; title: string; none: string; words: string[] };

const TITLES: [keyof connectors.Touches, title: string, none: string][] = [
  ["hosts", "Reaches", "No host"],
  ["event_types", "Brings in", "No events"],
  ["assets", "Registers", "No cameras, readers or units"],
  ["credentials", "Credentials", "None"],
  ["lookups", "Can be asked", "Nothing"],
  ["actions", "Does outside", "Nothing"],
  ["paths", "Files and folders", "None on this machine"],
];

const SAID: Partial<Record<keyof connectors.Touches, (word: string) => string>> = { event_types: eventWord, assets: spaced };

const UNTOLD = ["Told to who operates or approves it"];

export const inWords = (touches: connectors.Touches): Touched[] =>
  TITLES.map(([name, title, none]) => ({ name, title, none, words: touches[name]?.map(SAID[name] ?? String) ?? UNTOLD }));

/** Before there are settings: "{base_url}" is named by the setting's title. */
export function touchesOf(manifest: connectors.Manifest): connectors.Touches {
  const properties = manifest.config_schema.properties ?? {};
  const named = (host: string) => host.replace(/\{(\w+)\}/g, (_, name: string) => `what you set as “${properties[name]?.title ?? name}”`);
  const paths = Object.entries(properties).filter(([, each]) => each.format === "path" || each.items?.format === "path");
  return {
    hosts: (manifest.hosts ?? []).map(named),
    event_types: manifest.event_types,
    assets: manifest.asset_kinds ?? [],
    credentials: (manifest.credentials ?? []).map((each) => each.title),
    lookups: (manifest.lookups ?? []).map((each) => each.title),
    actions: (manifest.actions ?? []).map((each) => each.title),
    paths: paths.map(([name, each]) => `what you set as “${each.title ?? name}”`),
  };
}

export type Change = { title: string; added: string[]; gone: string[] };

/** What another version would touch more, and no longer. */
export function changes(before: connectors.Manifest, after: connectors.Manifest): Change[] {
  const old = inWords(touchesOf(before));
  return inWords(touchesOf(after)).flatMap(({ title, words }, i) => {
    const was = old[i]!.words;
    const added = words.filter((word) => !was.includes(word));
    const gone = was.filter((word) => !words.includes(word));
    return added.length || gone.length ? [{ title, added, gone }] : [];
  });
}
