import { expect, it, vi } from "vitest";
import { oneAtATime } from "./aside";

const soon = () => new Promise((done) => setTimeout(done));

it("draws nothing while a frame is on its way, and once more after it if that was asked for", async () => {
  let arrive = () => {};
  const show = () => new Promise<void>((done) => (arrive = done));
  const draw = vi.fn(() => frames.drawn());
  const frames = oneAtATime(draw, show);
  for (let i = 0; i < 5; i++) frames.ask();
  expect(draw).toHaveBeenCalledTimes(1);
  arrive();
  await frames.inView();
  expect(draw).toHaveBeenCalledTimes(2);
  arrive();
  await soon();
  expect(draw).toHaveBeenCalledTimes(2);
});

it("draws again what was drawn unasked while a frame is on its way", async () => {
  let arrive = () => {};
  const show = vi.fn(() => new Promise<void>((done) => (arrive = done)));
  const draw = vi.fn(() => frames.drawn());
  const frames = oneAtATime(draw, show);
  frames.ask();
  frames.drawn();
  expect(show).toHaveBeenCalledTimes(1);
  arrive();
  await frames.inView();
  expect(draw).toHaveBeenCalledTimes(2);
  expect(show).toHaveBeenCalledTimes(2);
});

it("says when the last frame is in view", async () => {
  let arrive = () => {};
  const frames = oneAtATime(() => frames.drawn(), () => new Promise<void>((done) => (arrive = done)));
  const seen = vi.fn();
  frames.ask();
  void frames.inView().then(seen);
  await soon();
  expect(seen).not.toHaveBeenCalled();
  arrive();
  await soon();
  expect(seen).toHaveBeenCalledTimes(1);
});
