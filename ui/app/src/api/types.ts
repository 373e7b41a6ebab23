// The shapes of /api/v1 that the console lives on (docs/architecture.md, "HTTP API, version 1").

export type Point = [longitude: number, latitude: number];
export type Page<T> = { items: T[]; next: string | null };

export type Kind =
  | "call"
  | "unit"
  | "read"
  | "hit"
  | "gunshot"
  | "911"
  | "report"
  | "alarm"
  | "detection"
  | "camera"
  | "vehicle"
  | "correction"
  | "retraction";

/** An event in one line. */
export type Summary = {
  seq: number;
  id: string;
  source: string;
  kind: Kind;
  subject: string | null;
  time: string;
  recorded: string;
  headline: string;
  status: string | null;
  priority: number | null;
  point: Point | null;
  error_m: number | null;
  heading_deg: number | null;
  speed_mps: number | null;
  handling: string;
  synthetic: boolean;
  /** The call for service it belongs to, where the hub knows. */
  call?: string | null;
};

export type Position = [
  key: string,
  label: string,
  longitude: number,
  latitude: number,
  course_deg: number | null,
  speed_mps: number | null,
  time_ms: number,
  kind: "unit" | "vehicle",
  status: string | null,
  synthetic: boolean,
];

export type Interval = { start: string; end: string | null; reason: string };

export type SourceState =
  | "starting"
  | "running"
  | "degraded"
  | "backing_off"
  | "crash_loop"
  | "needs_attention"
  | "stopped";

export type Source = {
  id: string;
  connector: string;
  version: string;
  name: string;
  config: Record<string, unknown>;
  enabled: boolean;
  synthetic: boolean;
  state: SourceState;
  since: string | null;
  code: string;
  reason: string | null;
  remedy: string | null;
  last_event: string | null;
  events_total: number;
  duplicates_total: number;
  dead_total: number;
  rate_per_min: number[];
  lag_s: number | null;
  cadence_s: number | null;
  assured_until: string | null;
  gaps_24h: Interval[];
  pid: number | null;
  memory_mb: number | null;
  /** How far the vendor's clock is ahead of the hub's. */
  skew_s: number | null;
  /** What its worker is held to: limits, files, signals, network, processes. */
  confinement: string[];
};

export type Severity = "danger" | "high" | "medium" | "low";
export type Verification = "not_needed" | "unverified" | "confirmed" | "wrong";
export type AlertState = "new" | "acknowledged" | "closed";
export type AlertVerb = "acknowledge" | "verify" | "mark-wrong" | "close" | "reopen";

export type Alert = {
  id: number;
  rule: string;
  kind: Kind;
  severity: Severity;
  title: string;
  reason: string;
  raised: string;
  occurred: string;
  point: Point | null;
  state: AlertState;
  verification: Verification;
  hot_list: string | null;
  count: number;
  events: number[];
  history: { at: string; by: string; name: string; did: string; note: string | null }[];
  deliveries: { waiting: number; delivered: number; given_up: number };
  /** Null when its event is no longer kept. */
  synthetic: boolean | null;
};

/** Per "source/reader": how many reads, and the last one in ms since 1970. */
export type ReaderCounts = Record<string, { count: number; last: number }>;

export type Board = {
  seq: number;
  now: string;
  calls: Summary[];
  gunshots: Summary[];
  units: Position[];
  recent: Summary[];
  reads: { total: number; since: number; per_reader: ReaderCounts };
  /** `shown`: to a wall, what may be said to a room. */
  alerts: { new: number; shown?: Alert[] };
  sources: Source[];
  /** What of this is not shown to whoever looks, in words; empty: all is. */
  closed: string;
};

export type Banner = { text: string; tone: "training" | "notice" | "warning" };

export type Hub = {
  name: string;
  agency: string;
  timezone: string;
  version: string;
  now: string;
  bounds: [west: number, south: number, east: number, north: number] | null;
  banner: Banner | null;
  /** Where vendors' webhooks come in. */
  hooks_url: string | null;
};

export type Asset = {
  id: string;
  source: string;
  kind: string;
  name: string;
  geometry?: GeoJSON.Geometry | null;
  owner?: string | null;
  field_of_view?: { heading_deg: number; angle_deg?: number; range_m?: number | null } | null;
  access?: { level: string; conditions?: string | null } | null;
  address?: string | null;
  streams?: string[];
  status?: "online" | "offline" | "degraded" | "unknown";
  state?: "present" | "stale" | "gone";
  observed?: string | null;
  attributes?: Record<string, string | number | boolean>;
};

/** `faces`: whether the event lies in its view; null where its direction is not known. */
export type NearCamera = { distance_m: number; asset: Asset; faces: boolean | null };

export type Chip = { text: string; means: string; field: string };

/** Who will see that this was asked, for what, and by which rules it was allowed. `record`: its place
 * in the audit log, by name. */
export type Accountability = {
  person: string;
  request: string;
  purpose: string;
  case: string | null;
  rules: string[];
  /** The same rules by what they say that they allow. */
  allowed_by: string[];
  /** The second person who agreed, where one did. */
  agreed_by: string | null;
  record: string;
  seen_by: string[];
  until: string | null;
};

/** What a search is counted by before it runs. */
export type Counted = "records" | "plates" | "people" | "cameras" | "agencies" | "sightings";

/** How far it reaches. `before`: those of the records that searches showed within an hour, which
 * count with it. `more`: of the records counted there are more. `sightings` are of the one subject,
 * counted to one beyond the limit; `history`: it amounts to a movement history. */
export type Reach = Record<Counted, number> & {
  before: number;
  more: boolean;
  history: boolean;
  needs_supervisor: boolean;
  limits: Record<Counted, number>;
};

export type Understood = {
  chips: Chip[];
  text: string;
  since: string | null;
  until: string | null;
  warnings: string[];
  accountability?: Accountability | null;
};

export type SourceAnswer = {
  source: string;
  state: "ok" | "partial" | "gap" | "timed_out" | "unavailable";
  found: number;
  detail: string | null;
  gaps: Interval[];
};

export type SearchDone = {
  found: number;
  at_least: boolean;
  took_ms: number;
  next: string | null;
};

export type SearchLine =
  | { understood: Understood }
  | { hits: Summary[] }
  | { assets: Asset[] }
  | { status: SourceAnswer }
  | { done: SearchDone };
