// The steps from choosing a connector to seeing it work. Each says how long it takes.

export const STEPS = {
  choose: ["Choose", "a minute"],
  touches: ["What it touches", "a minute to read"],
  settings: ["Settings", "some minutes"],
  credentials: ["Credentials", "a minute, when they are at hand"],
  approve: ["Impact statement", "some minutes"],
  test: ["Test", "some seconds"],
  live: ["Switch on", "some seconds"],
} as const;

export type Step = keyof typeof STEPS;
export const ORDER = Object.keys(STEPS) as Step[];

/** Before the source is stored there is nothing to give credentials to, to approve or to test. */
export const needsSource = (step: Step): boolean => ORDER.indexOf(step) > ORDER.indexOf("settings");

export const stepNamed = (name: string | null): Step => ORDER.find((step) => step === name) ?? "touches";
