import { expect, it } from "vitest";
import { held, stepped, unseen } from "./rows";

type Row = { id: string; said: string };
const row = (id: string, said = "old"): Row => ({ id, said });
const id = (each: Row) => each.id;

it("keeps the order that is read, and says what is true now", () => {
  const items = [row("new"), row("b", "changed"), row("a")];
  expect(held(items, ["a", "b"], id)).toEqual([row("a"), row("b", "changed")]);
});

it("keeps a row that fits no longer where the page still knows it", () => {
  expect(held([], ["a", "b"], id, (name) => (name === "a" ? row("a", "closed") : undefined))).toEqual([row("a", "closed")]);
});

it("counts what came in since", () => {
  expect(unseen([row("c"), row("a"), row("b")], ["a", "b"], id)).toBe(1);
});

it("begins at the first and stops at both ends", () => {
  const items = ["a", "b", "c"];
  expect(stepped(items, -1, 1)).toBe("a");
  expect(stepped(items, -1, -1)).toBe("a");
  expect(stepped(items, 1, 1)).toBe("c");
  expect(stepped(items, 2, 1)).toBe("c");
  expect(stepped(items, 0, -1)).toBe("a");
  expect(stepped([], -1, 1)).toBeUndefined();
});
