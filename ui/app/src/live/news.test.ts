import { expect, it } from "vitest";
import { addReads, Gathered } from "./news";

it("makes one piece of news of a burst", () => {
  const gathered = new Gathered();
  gathered.add("reads", { "lpr/a": { count: 2, last: 10 } });
  gathered.add("reads", { "lpr/a": { count: 3, last: 12 } });
  gathered.add("banner", { text: "Training", tone: "training" });
  const news = gathered.take()!;
  expect(news.reads).toEqual({ "lpr/a": { count: 5, last: 12 } });
  expect(news.banner?.text).toBe("Training");
  expect(gathered.take()).toBeNull();
});

it("tells a banner that was taken away from no word about it", () => {
  const gathered = new Gathered();
  gathered.add("banner", null);
  expect(gathered.take()!.banner).toBeNull();
  gathered.add("reads", {});
  expect(gathered.take()!.banner).toBeUndefined();
});

it("keeps every notice", () => {
  const gathered = new Gathered();
  const notice = { what: "override_opened", by: "ana", request: "R-26-000012", at: "2026-11-23T06:00:00Z" };
  gathered.add("notice", notice);
  gathered.add("notice", { ...notice, what: "break_glass_used" });
  expect(gathered.take()!.notices.map(({ what }) => what)).toEqual(["override_opened", "break_glass_used"]);
});

it("does not know every message", () => {
  expect(new Gathered().add("weather", {})).toBe(false);
});

it("adds counts to those that were", () => {
  expect(addReads({ a: { count: 1, last: 1 } }, { b: { count: 1, last: 2 } })).toEqual({ a: { count: 1, last: 1 }, b: { count: 1, last: 2 } });
});

it("keeps every source that changed, and forgets those before a list of all", () => {
  const source = (id: string) => ({ id }) as never;
  const gathered = new Gathered();
  gathered.add("source", source("a"));
  gathered.add("source", source("b"));
  expect(gathered.take()).toMatchObject({ sources: null, changed: [{ id: "a" }, { id: "b" }] });
  gathered.add("source", source("a"));
  gathered.add("sources", [source("b")]);
  gathered.add("source", source("b"));
  expect(gathered.take()).toMatchObject({ sources: [{ id: "b" }], changed: [{ id: "b" }] });
});
