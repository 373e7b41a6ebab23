// The hub's purposes of use as people say them, in the order in which a form offers them
// (core/src/watchfloor/contracts/purpose.py).

const TITLES: Record<string, string> = {
  in_progress_call: "Call in progress",
  investigation: "Investigation",
  missing_endangered: "Missing or endangered person",
  wanted_person: "Wanted person",
  stolen_vehicle_or_plate: "Stolen vehicle or plate",
  officer_safety: "Officer safety",
  evidence_retrieval: "Evidence retrieval",
  court_order: "Court order",
  audit_review: "Audit review",
  training_synthetic_only: "Training",
  system_test_synthetic_only: "System test",
  emergency_override: "Emergency override",
};

export const PURPOSES = Object.entries(TITLES).map(([code, title]) => ({ code, title }));

export const purposeTitle = (code: string): string => TITLES[code] ?? code;
