// The retention schedule as people say it.
import type { Covered, Hold, KeyKind, Line, Receipt } from "../../api/retention";
import { number, spaced, type Tone } from "../../lib/words";

/** By name and by event type (core/src/watchfloor/contracts/kinds.py). */
const EVENTS: [name: string, type: string, said: string][] = [
  ["call", "watchfloor.cad.incident.v1", "Calls for service"],
  ["unit", "watchfloor.cad.unit-status.v1", "Unit status"],
  ["read", "watchfloor.lpr.read.v1", "Plate reads"],
  ["hit", "watchfloor.lpr.hit.v1", "Hot-list hits"],
  ["gunshot", "watchfloor.gunshot.detection.v1", "Gunshots"],
  ["911", "watchfloor.e911.call.v1", "911 calls"],
  ["report", "watchfloor.rms.report.v1", "Incident reports"],
  ["alarm", "watchfloor.security.alarm.v1", "Alarms"],
  ["detection", "watchfloor.video.detection.v1", "Detections on video"],
  ["camera", "watchfloor.camera.status.v1", "Camera status"],
  ["vehicle", "watchfloor.vehicle.position.v1", "Vehicle positions"],
  ["correction", "watchfloor.event.correction.v1", "Corrections"],
  ["retraction", "watchfloor.event.retraction.v1", "Withdrawals"],
];
const OTHERS: [kind: string, said: string][] = [
  ["*", "Everything"],
  ["lpr", "Plate reads and hits"],
  ["cad", "Calls for service and unit status"],
  ["video", "All from video"],
  ["alert", "Alerts"],
  ["delivery", "Bodies of what was sent out"],
  ["context-note", "Who opened an alert's context"],
  ["dead-letter", "Dead letters"],
  ["inbox", "Webhooks that wait"],
  ["request", "Words of closed requests"],
  ["hot-list-entry", "Entries of hot lists"],
  ["deed", "What deeds handed over"],
  ["approval", "What second persons were asked"],
  ["vendor-look", "Rows of vendors' own logs"],
  ["audit", "Audit log"],
  ["redisclosure", "List of releases"],
  ["criminal-intel", "Criminal intelligence"],
  ["backup", "Backups"],
];
const KINDS = new Map([...OTHERS, ...EVENTS.flatMap(([name, type, said]): [string, string][] => [[name, said], [type, said]])]);

/** What a rule of the agency's own can be about, and the records that a deletion can be proven of. */
export const RULED = [...OTHERS.map(([kind]) => kind), ...EVENTS.map(([name]) => name)];
export const RECORDS = ["alert", "delivery", "context-note", "dead-letter", "inbox", "request", "hot-list-entry", "deed", "approval", "vendor-look"];

/** A kind of data, a family of them, or a word that is new here. */
export const kindSaid = (kind: string): string => KINDS.get(kind) ?? spaced(kind);

/** Where it was deleted: the hub's own records have no source. */
export const sourceSaid = (source: string, name: (id: string) => string): string => (source ? name(source) : "This hub");

/** By which rule: a preset, the agency's own, or what counts where nobody chose. */
export const ruleSaid = (rule: string): string => (rule === "default" ? "the strict default" : rule);

/** What somebody has to mend first, then what is due, then by what goes soonest. */
export function inOrder(lines: Line[]): Line[] {
  return lines.toSorted(
    (a, b) => Number(b.contradiction) - Number(a.contradiction) || b.due - a.due || Date.parse(b.before) - Date.parse(a.before) || a.source.localeCompare(b.source),
  );
}

/** The hub counts to a million and no further. */
const COUNTED = 1_000_000;

export const dueSaid = (due: number): string => (due >= COUNTED ? `${number.format(COUNTED)} or more` : number.format(due));

export const holdWord: Record<Hold["state"], [string, Tone]> = {
  in_force: ["In force", "blue"],
  ending: ["Ends soon", "amber"],
  expired: ["Over", "grey"],
  released: ["Lifted", "grey"],
};

export const isOver = ({ state }: Hold): boolean => state === "expired" || state === "released";

export const keyWord: Record<KeyKind, string> = {
  plate: "Plate",
  call: "Call",
  incident: "Incident",
  report: "Report",
  event: "Event",
  asset: "Camera or reader",
  unit: "Unit",
  address: "Address",
  phone: "Phone",
};

/** What a hold covers, a line a part; all of them must hold. */
export function coveredSaid({ keys = [], sources = [], kinds = [], since, until }: Covered, at: (ms: number) => string, name: (id: string) => string): string[] {
  const from = since === undefined ? "" : `from ${at(since / 1000)}`;
  const to = until === undefined ? "" : `until ${at(until / 1000)}`;
  return [
    keys.map(([kind, value]) => `${keyWord[kind] ?? spaced(kind)} ${value ?? "(not shown)"}`).join(", "),
    kinds.map(kindSaid).join(", "),
    sources.length ? `from ${sources.map(name).join(", ")}` : "",
    [from, to].filter(Boolean).join(" "),
  ].filter(Boolean);
}

/** By what a hold is called: its case, where that is shown. */
export const holdName = ({ id, case_number }: Pick<Hold, "id" | "case_number">): string => case_number ?? id;

/** The file that a receipt is kept as. */
export const receiptName = ({ no }: Pick<Receipt, "no">): string => `retention-receipt-${no}.json`;
