import { expect, it } from "vitest";
import { factsIn, plain } from "./found";

it("tells an answer in words, however it is nested", () => {
  expect(plain({ LIC: ["ZZT0003"], NAM: ["EXAMPLE", "SAM"], VIN: null })).toBe("LIC ZZT0003; NAM EXAMPLE, SAM");
  expect([plain(true), plain(2015), plain("KS")]).toEqual(["yes", "2015", "KS"]);
});

it("leaves out what is empty, and knows a moment from a text", () => {
  expect(factsIn({ state: "KS", fields: {}, key: null, born: "1990-01-01", received: "2026-05-02T21:14:07.932554Z" })).toEqual([
    { name: "state", text: "KS", time: false },
    { name: "born", text: "1990-01-01", time: false },
    { name: "received", text: "2026-05-02T21:14:07.932554Z", time: true },
  ]);
});
