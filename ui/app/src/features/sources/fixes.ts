// Where the fix of a fault is: what the button says, and where it leads.
import type { Source, sources } from "../../api";
import type { Page } from "../../lib/pages";

type Where = Record<string, string>;

const WORDS: Record<sources.Step, string> = {
  set_credential: "Set the credential",
  change_settings: "Change the settings",
  approve: "Look and approve",
  change_connector: "Go to the connector",
  set_clock: "Look at the source",
  ask_vendor: "Look at the source",
  approve_sharing: "Look at what it shares",
  read_log: "Read the log",
  check: "Check it",
  wait: "Look at the source",
};

const STEPS: Partial<Record<sources.Step, string>> = {
  set_credential: "credentials",
  change_settings: "settings",
  approve: "approve",
  check: "test",
};

/** The words of the button, and the page that it opens with the parts of its address. */
export function fixOf(repair: Pick<sources.Repair, "source" | "step">, source: Pick<Source, "connector"> | undefined): [words: string, page: Page, where: Where] {
  const words = WORDS[repair.step] ?? "Look at the source";
  const step = STEPS[repair.step];
  if (repair.step === "approve_sharing") return [words, "policy", {}];
  if (source && step) return [words, "sources", { add: source.connector, id: repair.source, step }];
  if (source && repair.step === "change_connector") return [words, "sources", { connector: source.connector }];
  return [words, "sources", { source: repair.source }];
}
