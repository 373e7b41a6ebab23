// Which topics a text names, by the hub's own words.
import type { Topic } from "../../api/requests";

const has = (text: string, words: string, flags: string): boolean => new RegExp(`\\b(?:${words})\\b`, flags).test(text);

export const topicsIn = (text: string, topics: Topic[]): string[] =>
  topics.filter(({ words, names }) => has(text, words, "i") || (names !== null && has(text, names, ""))).map(({ code }) => code);
