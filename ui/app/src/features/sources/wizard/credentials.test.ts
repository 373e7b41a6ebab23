import { expect, it } from "vitest";
import { lackingOf, shownOf } from "./credentials";

const part = (name: string, secret = true) => ({ name, title: name, help: "", secret, long: false });
const basic = { parts: [part("username", false), part("password"), part("token")], ways: [["username", "password"], ["token"]] };

it("asks for the usual way first, and hides what is secret", () => {
  const { usual, more } = shownOf(basic);
  expect(usual.map((field) => [field.name, field.secret, field.required])).toEqual([["username", false, true], ["password", true, true]]);
  expect(more.map((field) => [field.name, field.required])).toEqual([["token", false]]);
});

it("takes any way that is whole, and else says what the nearest lacks", () => {
  expect(lackingOf(basic, { token: "x" })).toEqual({});
  expect(lackingOf(basic, { username: "sim", password: "x" })).toEqual({});
  expect(lackingOf(basic, { username: "sim" })).toEqual({ password: "This is needed." });
});
