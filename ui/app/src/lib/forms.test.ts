import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { escapes } from "./forms";

const page = new EventTarget();
const form = new EventTarget() as HTMLElement;
const leave = vi.fn();
let end: () => void;

function press(key: string, taken = false): void {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key });
  if (taken) event.preventDefault();
  page.dispatchEvent(event);
}

beforeEach(() => {
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  leave.mockClear();
  end = escapes(leave)(form);
});
afterEach(() => {
  end();
  vi.unstubAllGlobals();
});

it("leaves a form in which nothing was written", () => {
  press("a");
  expect(leave).not.toHaveBeenCalled();
  press("Escape");
  expect(leave).toHaveBeenCalledOnce();
});

it("throws nothing away that somebody wrote", () => {
  form.dispatchEvent(new Event("input"));
  press("Escape");
  expect(leave).not.toHaveBeenCalled();
});

it("leaves it alone where the key closed something else", () => {
  press("Escape", true);
  expect(leave).not.toHaveBeenCalled();
});
