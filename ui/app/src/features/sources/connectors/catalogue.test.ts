import { describe, expect, it } from "vitest";
import type { connectors } from "../../../api";
import { catalogue, changes, eventWord, fits, inWords, touchesOf } from "./catalogue";

const manifest = (more: Partial<connectors.Manifest> = {}): connectors.Manifest => ({
  id: "plates", name: "Plates", version: "1.0.0", vendor: "Example", description: "Reads.", licence: "MIT", owner: "example.org",
  capabilities: ["poll"], event_types: ["watchfloor.lpr.read.v1"], handling: "agency", cadence: { every_s: 5, how: "poll" },
  impact: { data: "", legal_basis: "", retention_days: 1 }, min_hub: "0.1.0",
  config_schema: { properties: { base_url: { type: "string", title: "Base address" }, drop: { type: "string", format: "path" } } },
  hosts: ["{base_url}", "tokens.example.org"], ...more,
});
const offer = (more: Partial<connectors.Offer> = {}): connectors.Offer => ({
  id: "plates", name: "Plates", vendor: "Example", description: "Reads.", owner: "example.org", licence: "MIT", version: "1.1.0", level: "silver",
  installed: null, revoked: null, releases: [{ version: "1.0.0", min_hub: "0.1.0", level: "bronze", last_verified: null, revoked: null }], manifest: manifest(), ...more,
});
const here = (more: Partial<connectors.Installed> = {}): connectors.Installed => ({
  id: "plates", version: "1.0.0", manifest: manifest(), problem: "", verified: true, previous: null, newer: "1.1.0", revoked: null, sources: ["gate"], ...more,
});

describe("the catalogue", () => {
  it("shows each connector once: what is installed first, at the level of the version in use", () => {
    const entries = catalogue([offer({ id: "a", name: "A" }), offer()], [here()]);
    expect(entries.map((each) => [each.id, each.installed, each.version, each.level, each.newer])).toEqual([
      ["plates", true, "1.0.0", "bronze", "1.1.0"],
      ["a", false, "1.1.0", "silver", null],
    ]);
  });

  it("says who vouches, and why nobody does", () => {
    const standing = (more: Partial<connectors.Installed>) => catalogue([offer()], [here(more)])[0]!.standing.slice(0, 2);
    expect(standing({})).toEqual(["Verified", "green"]);
    expect(standing({ verified: null })).toEqual(["Installed with the hub", "grey"]);
    expect(standing({ verified: false, problem: "connector.json differs" })).toEqual(["Does not verify", "amber"]);
    expect(standing({ problem: "no manifest" })).toEqual(["Cannot be used", "amber"]);
    expect(catalogue([], [here({ revoked: "It read too much." })])[0]!.standing).toEqual(["Revoked", "amber", "It read too much."]);
    expect(catalogue([offer({ revoked: { reason: "Bad", since: "", lowest_good: null } })], [])[0]!.standing[0]).toBe("Revoked");
  });

  it("is searched by every word", () => {
    const [entry] = catalogue([], [here()]);
    expect(fits(entry!, "example LPR")).toBe(true);
    expect(fits(entry!, "example cameras")).toBe(false);
    expect(fits(entry!, "")).toBe(true);
  });
});

it("names what a connector touches before there are settings", () => {
  const touches = touchesOf(manifest());
  expect(touches.hosts).toEqual(["what you set as “Base address”", "tokens.example.org"]);
  expect(touches.paths).toEqual(["what you set as “drop”"]);
  expect([eventWord("watchfloor.lpr.read.v1"), eventWord("watchfloor.odd.thing.v2")]).toEqual(["Plate read", "Odd thing"]);
});

it("says that a connector reaches something where it is not told what", () => {
  const [reaches] = inWords({ ...touchesOf(manifest()), hosts: null });
  expect(reaches).toMatchObject({ title: "Reaches", words: ["Told to who operates or approves it"] });
});

it("shows what another version touches more and no longer", () => {
  const after = manifest({ hosts: ["{base_url}", "media.example.org"], actions: [{ name: "add-note", title: "Add a note" }] });
  expect(changes(manifest(), after)).toEqual([
    { title: "Reaches", added: ["media.example.org"], gone: ["tokens.example.org"] },
    { title: "Does outside", added: ["Add a note"], gone: [] },
  ]);
  expect(changes(manifest(), manifest())).toEqual([]);
});
