import { expect, it } from "vitest";
import { Problem } from "../api/client";
import { Prompt } from "./prompt.svelte";

const problem = new Problem("purpose_needed", "Why?", "Say why.");

it("asks a person once for however many questions wait, and answers them all", async () => {
  const prompt = new Prompt();
  const waiting = [prompt.ask(problem), prompt.ask(problem)];
  expect(prompt.problem).toBe(problem);
  prompt.answer(true);
  expect(await Promise.all(waiting)).toEqual([true, true]);
  expect(prompt.problem).toBeNull();
});

it("asks anew after a no", async () => {
  const prompt = new Prompt();
  const first = prompt.ask(problem);
  prompt.answer(false);
  expect(await first).toBe(false);
  const second = prompt.ask(problem);
  prompt.answer(true);
  expect(await second).toBe(true);
});
