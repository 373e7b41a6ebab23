import { expect, it } from "vitest";
import type { connectors } from "../../../api";
import { idFrom, settingsOf } from "./draft.svelte";

it("makes an id of a name, one that no other source has", () => {
  expect(idFrom("Plates, Gate 3", [])).toBe("plates-gate-3");
  expect(idFrom("Plates", ["plates", "plates-2"])).toBe("plates-3");
  expect(idFrom("Übersicht!", [])).toBe("u-bersicht");
  expect(idFrom("***", [])).toBe("source");
});

it("offers the cadence of every connector that polls, once", () => {
  const manifest = (capabilities: string[], properties = {}) => ({ capabilities, config_schema: { properties } }) as unknown as connectors.Manifest;
  expect(Object.keys(settingsOf(manifest(["poll"])).properties!)).toEqual(["every_s"]);
  expect(settingsOf(manifest(["poll"], { every_s: { title: "Own" } })).properties!.every_s!.title).toBe("Own");
  expect(settingsOf(manifest(["webhook"])).properties).toEqual({});
});
