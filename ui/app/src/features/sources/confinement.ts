// What a worker is held to, in words.

const KEPT: [code: string, word: string, means: string][] = [
  ["limits", "memory and processor", "It cannot take more memory, processor or open files than it may."],
  ["files", "files", "It reads and writes only its own files and those that its settings name."],
  ["network", "network", "It reaches nothing but through the hub, and only its own hosts."],
  ["signals", "signals", "It cannot end or disturb other processes."],
  ["processes", "processes", "It starts no other processes."],
];

export type Held = { words: string[]; missing: string[] };

export const heldTo = (confinement: string[]): Held => ({
  words: KEPT.filter(([code]) => confinement.includes(code)).map(([, word]) => word),
  missing: KEPT.filter(([code]) => !confinement.includes(code)).map(([, word]) => word),
});

/** What each word means, for who wants to know. */
export const meanings = KEPT.map(([, word, means]) => `${word}: ${means}`).join(" ");
