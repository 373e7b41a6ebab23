// What an event says, in the field's words. Names that nobody listed here are shown in the raw form.
import type { Point } from "../api/types";
import { metres, spaced, stateOf } from "./words";

export type Fact = {
  name: string;
  values: { text: string; q?: string }[];
  time?: string;
  mono?: boolean;
};

type Data = Record<string, unknown>;
type Rule = { name: string; path: string; how?: "coded" | "status" | "time" | "ratio" | "yes" | "speed" | "degrees"; q?: string; mono?: boolean };

const RULES: Rule[] = [
  { name: "Call", path: "call_number", q: "call", mono: true },
  { name: "Incident", path: "incident", q: "incident", mono: true },
  { name: "Plate", path: "plate", q: "plate", mono: true },
  { name: "As read", path: "plate_as_read", mono: true },
  { name: "Issuing state", path: "region" },
  { name: "Hot list", path: "hot_list" },
  { name: "Reason", path: "reason" },
  { name: "Reader", path: "reader", q: "asset", mono: true },
  { name: "Camera", path: "camera", q: "asset", mono: true },
  { name: "Unit", path: "unit", q: "unit", mono: true },
  { name: "Type", path: "incident_type", how: "coded" },
  { name: "First type", path: "initial_type", how: "coded" },
  { name: "Classification", path: "classification" },
  { name: "Rounds", path: "rounds" },
  { name: "Reviewed", path: "reviewed", how: "yes" },
  { name: "Status", path: "status", how: "status" },
  { name: "Availability", path: "primary" },
  { name: "Priority", path: "priority" },
  { name: "Source's priority", path: "priority_text" },
  { name: "Address", path: "place.address", q: "address" },
  { name: "Precision", path: "place.precision" },
  { name: "Beat", path: "beat" },
  { name: "District", path: "district" },
  { name: "Coverage", path: "coverage_area" },
  { name: "Created", path: "created", how: "time" },
  { name: "Dispatched", path: "dispatched", how: "time" },
  { name: "Arrived", path: "arrived", how: "time" },
  { name: "Closed", path: "closed", how: "time" },
  { name: "Disposition", path: "disposition", how: "coded" },
  { name: "Centre's answer", path: "centre_outcome" },
  { name: "Self-initiated", path: "self_initiated", how: "yes" },
  { name: "Units", path: "units", q: "unit", mono: true },
  { name: "Plates", path: "plates", q: "plate", mono: true },
  { name: "Vehicle", path: "vehicle" },
  { name: "Label", path: "label" },
  { name: "Fleet", path: "fleet" },
  { name: "Confidence", path: "confidence", how: "ratio" },
  { name: "Speed", path: "speed_mps", how: "speed" },
  { name: "Heading", path: "course_deg", how: "degrees" },
  { name: "Heading", path: "heading_deg", how: "degrees" },
  { name: "Corrects", path: "corrects", mono: true },
  { name: "Withdraws", path: "retracts", mono: true },
];

export function factsOf(data: Data): Fact[] {
  const found = RULES.flatMap((rule) => factBy(rule, at(data, rule.path)));
  return [...found, ...whereabouts(at(data, "place.point"), at(data, "place.error_m"))];
}

/** Latitude before longitude, as it is read out over the radio. */
function whereabouts(point: unknown, error: unknown): Fact[] {
  const [lon, lat] = (point ?? []) as Partial<Point>;
  return [
    ...(lat != null && lon != null ? [{ name: "Coordinates", mono: true, values: [{ text: `${lat.toFixed(5)}, ${lon.toFixed(5)}` }] }] : []),
    ...(typeof error === "number" ? [{ name: "Place known to", values: [{ text: `within ${metres(error)}` }] }] : []),
  ];
}

function at(data: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (inner as Data | null | undefined)?.[key], data);
}

function factBy(rule: Rule, value: unknown): Fact[] {
  const empty = value == null || value === "" || (Array.isArray(value) && !value.length);
  if (empty) return [];
  const { name, mono } = rule;
  if (rule.how === "time") return [{ name, values: [], time: String(value) }];
  const texts = (Array.isArray(value) ? value : [value]).map((each) => said(each, rule.how));
  return [{ name, mono, values: texts.map((text) => ({ text, q: rule.q && `${rule.q}:${quoted(text)}` })) }];
}

function said(value: unknown, how: Rule["how"]): string {
  if (how === "yes") return value ? "Yes" : "No";
  if (how === "status") return stateOf({ kind: "call", status: String(value) })[0];
  if (how === "ratio") return `${Math.round(Number(value) * 100)} %`;
  if (how === "speed") return `${Math.round(Number(value) * 3.6)} km/h`;
  if (how === "degrees") return `${Math.round(Number(value))}°`;
  if (value !== null && typeof value === "object") return worded(value as Data);
  return /^[a-z]+(_[a-z]+)+$|^[A-Z][a-z]+([A-Z][a-z]+)+$/.test(String(value)) ? spaced(String(value)) : String(value);
}

/** A code with its text, or a vehicle's looks: whatever words there are, each once. */
function worded(value: Data): string {
  if ("text" in value || "code" in value) return [value.text, value.code && `(${value.code})`].filter(Boolean).join(" ");
  return Object.values(value).filter(Boolean).join(" ");
}

export const quoted = (text: string): string => (/\s/.test(text) ? `"${text.replaceAll('"', "")}"` : text);
