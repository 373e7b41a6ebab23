import { expect, it } from "vitest";
import { Held } from "./held";

it("holds every question until they go on", async () => {
  const held = new Held();
  const all = [held.hold(), held.hold(new AbortController().signal)];
  held.goOn();
  expect(await Promise.all(all)).toEqual([true, true]);
  expect(held.size).toBe(0);
});

it("lets go of what nobody wants to know any more", async () => {
  const held = new Held();
  const abort = new AbortController();
  const dropped = held.hold(abort.signal);
  const kept = held.hold();
  abort.abort();
  expect(await dropped).toBe(false);
  expect(await held.hold(abort.signal)).toBe(false);
  expect(held.size).toBe(1);
  held.goOn();
  expect(await kept).toBe(true);
});
