// Codes of the contracts in the words of the field, and the tone that goes with each.
import type { Alert, Kind, Severity, SourceState, Summary, Verification } from "../api/types";

export type Tone = "red" | "amber" | "blue" | "green" | "grey";

export const number = new Intl.NumberFormat("en-US");

export function count(n: number, one: string, many = `${one}s`): string {
  return `${number.format(n)} ${n === 1 ? one : many}`;
}

export const kindWord: Record<Kind, string> = {
  call: "Call for service",
  unit: "Unit status",
  read: "Plate read",
  hit: "Hot-list hit",
  gunshot: "Gunshot",
  "911": "911 call",
  report: "Incident report",
  alarm: "Alarm",
  detection: "Detection",
  camera: "Camera status",
  vehicle: "Vehicle position",
  correction: "Correction",
  retraction: "Withdrawal",
};

/** "ResourcesEnroute" as dispatchers say it (EIDO IncidentStatus-Common). */
const callStatus: Record<string, [string, Tone]> = {
  Active: ["Waiting", "amber"],
  ReOpened: ["Reopened", "amber"],
  ResourcesAssigned: ["Assigned", "blue"],
  ResourcesEnroute: ["En route", "blue"],
  ResourcesOnscene: ["On scene", "blue"],
  Closed: ["Closed", "grey"],
  Cancelled: ["Cancelled", "grey"],
};

const gunshotStatus: Record<string, [string, Tone]> = {
  created: ["Not reviewed", "red"],
  updated: ["Reviewed", "red"],
  cancelled: ["Cancelled", "grey"],
};

const cameraStatus: Record<string, [string, Tone]> = {
  online: ["Online", "green"],
  degraded: ["Degraded", "amber"],
  offline: ["Offline", "amber"],
  unknown: ["State unknown", "grey"],
};

const byKind: Partial<Record<Kind, Record<string, [string, Tone]>>> = {
  call: callStatus,
  gunshot: gunshotStatus,
  camera: cameraStatus,
};

/** The state of an event in a word and its tone; unknown words are shown as the vendor wrote them. */
export function stateOf(event: Pick<Summary, "kind" | "status">): [string, Tone] {
  const status = event.status ?? "";
  return byKind[event.kind]?.[status] ?? [spaced(status), event.kind === "hit" ? "amber" : "grey"];
}

export const cameraState = (status: string | undefined): [string, Tone] =>
  cameraStatus[status ?? "unknown"] ?? cameraStatus.unknown!;

export const isPast = (event: Pick<Summary, "kind" | "status">): boolean =>
  event.status === "Closed" || event.status?.toLowerCase() === "cancelled";

export const severityWord: Record<Severity, [string, Tone]> = {
  danger: ["Danger to life", "red"],
  high: ["High", "amber"],
  medium: ["Medium", "blue"],
  low: ["Low", "grey"],
};

export const verificationWord: Record<Verification, [string, Tone]> = {
  not_needed: ["", "grey"],
  unverified: ["Unverified", "amber"],
  confirmed: ["Confirmed", "green"],
  wrong: ["Marked wrong", "grey"],
};

export const alertStateWord: Record<Alert["state"], string> = {
  new: "New",
  acknowledged: "Acknowledged",
  closed: "Closed",
};

/** On what terms a camera can be had (contracts, Access.level). */
export const accessWord: Record<string, string> = {
  listed: "Listed only",
  request: "On request",
  conditional_live: "Live on conditions",
  live: "Live",
  live_and_recorded: "Live and recorded",
};

export const sourceStateWord: Record<SourceState, [string, Tone]> = {
  starting: ["Starting", "blue"],
  running: ["Running", "green"],
  degraded: ["Running with faults", "amber"],
  backing_off: ["Waiting to try again", "amber"],
  crash_loop: ["Keeps failing", "amber"],
  needs_attention: ["Needs a person", "amber"],
  stopped: ["Stopped", "grey"],
};

/** "OnScene" and "on_scene" as "On scene". */
export function spaced(code: string): string {
  const words = code.replace(/[_-]+/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2").trim().toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const POINTS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];

/** Degrees from true north as one of eight points. */
export const compass = (degrees: number): string => POINTS[Math.round((((degrees % 360) + 360) % 360) / 45) % 8]!;

export function metres(m: number): string {
  return m < 1000 ? `${Math.round(m)} m` : `${(m / 1000).toFixed(1)} km`;
}
