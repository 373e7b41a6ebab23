// What is typed into the forms of retention, and what of it the hub is sent.
import type { KeyKind, NewHold, OwnRule, Schedule, SwitchedOn } from "../../api/retention";
import { kindSaid } from "./said";

export type HoldDraft = {
  case_number: string;
  keys: { kind: KeyKind; value: string }[];
  sources: string[];
  since: string;
  until: string;
  reason: string;
  approver: string;
  expires: string;
};

export const emptyHold = (expires: string): HoldDraft => ({
  case_number: "", keys: [{ kind: "plate", value: "" }], sources: [], since: "", until: "", reason: "", approver: "", expires,
});

/** Empty keys and times narrow nothing. `moment` reads a wall clock of the agency. */
export function holdOf(draft: HoldDraft, moment: (local: string) => string): NewHold {
  const keys = draft.keys.map(({ kind, value }) => ({ kind, value: value.trim() })).filter(({ value }) => value);
  const since = moment(draft.since);
  const until = moment(draft.until);
  return {
    what: { ...(keys.length && { keys }), ...(draft.sources.length && { sources: draft.sources }), ...(since && { since }), ...(until && { until }) },
    case_number: draft.case_number.trim(),
    reason: draft.reason.trim(),
    approver: draft.approver.trim(),
    expires: moment(draft.expires),
  };
}

/** The schedule with a preset switched on, or with another counsel or other sources. */
export function withPreset(schedule: Schedule, chosen: SwitchedOn): Schedule {
  return { ...schedule, presets: [...withoutPreset(schedule, chosen.preset).presets!, chosen] };
}

export function withoutPreset(schedule: Schedule, preset: string): Schedule {
  return { ...schedule, presets: (schedule.presets ?? []).filter((each) => each.preset !== preset) };
}

/** The schedule with a rule of the agency's own; one of the same name is replaced. */
export function withRule(schedule: Schedule, rule: OwnRule): Schedule {
  return { ...schedule, rules: [...withoutRule(schedule, rule.id).rules!, rule] };
}

export function withoutRule(schedule: Schedule, id: string): Schedule {
  return { ...schedule, rules: (schedule.rules ?? []).filter((rule) => rule.id !== id) };
}

/** What a proposal adds to the schedule in force and takes away, in lines. */
export function difference(now: Schedule, then: Schedule): { added: string[]; removed: string[] } {
  const [before, after] = [linesOf(now), linesOf(then)];
  return { added: after.filter((line) => !before.includes(line)), removed: before.filter((line) => !after.includes(line)) };
}

function linesOf({ presets = [], rules = [] }: Schedule): string[] {
  return [
    ...presets.map(({ preset, counsel, sources }) => `Preset ${preset}, confirmed by ${counsel}${sources?.length ? `, for ${sources.join(", ")}` : ""}`),
    ...rules.map(ruleLine),
  ];
}

/** A rule of the agency's own in a line. */
export function ruleLine({ id, kind, cap, floor, source, handling, reason }: OwnRule): string {
  const about = [kindSaid(kind), source && `of ${source}`, handling && `marked ${handling}`].filter(Boolean).join(" ");
  return `Rule ${id}: ${about}, ${cap ? `at most ${cap}` : `at least ${floor}`} (${reason})`;
}
