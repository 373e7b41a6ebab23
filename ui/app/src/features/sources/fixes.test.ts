import { describe, expect, it } from "vitest";
import { heldTo } from "./confinement";
import { fixOf } from "./fixes";

describe("a repair's button", () => {
  const plates = { connector: "lpr-rest" };

  it("leads to the step of the form where the fix is", () => {
    expect(fixOf({ source: "gate", step: "set_credential" }, plates)).toEqual(["Set the credential", "sources", { add: "lpr-rest", id: "gate", step: "credentials" }]);
    expect(fixOf({ source: "gate", step: "approve" }, plates)[2]).toEqual({ add: "lpr-rest", id: "gate", step: "approve" });
  });

  it("leads to the connector, or the source's own page", () => {
    expect(fixOf({ source: "gate", step: "change_connector" }, plates)[2]).toEqual({ connector: "lpr-rest" });
    expect(fixOf({ source: "gate", step: "read_log" }, plates)).toEqual(["Read the log", "sources", { source: "gate" }]);
    expect(fixOf({ source: "gate", step: "set_credential" }, undefined)[2]).toEqual({ source: "gate" });
  });

  it("leads to where sharing is approved", () => {
    expect(fixOf({ source: "gate", step: "approve_sharing" }, plates)).toEqual(["Look at what it shares", "policy", {}]);
  });
});

it("says what a worker is held to and what is missing", () => {
  expect(heldTo(["limits", "files", "network"])).toEqual({ words: ["memory and processor", "files", "network"], missing: ["signals", "processes"] });
});
