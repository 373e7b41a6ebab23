import { describe, expect, it } from "vitest";
import { binned, ticks } from "./bins";
import { readStretch, within, writeStretch } from "./brush";
import { factsOf } from "./facts";
import { boundsOf, circle, wedge } from "./geo";
import { parts } from "./idents";
import { nameOf } from "./keys";
import { parsed, written } from "./place.svelte";
import { ofAsset, selection } from "./selection";
import { metres, spaced, stateOf } from "./words";

describe("address bar", () => {
  it("reads what it wrote, searches included", () => {
    const params = new URLSearchParams({ q: "ZZT1234 near:\"Main St\" 300m", sel: "asset:cams/cam-1" });
    const back = parsed(written("search", params));
    expect(back.named).toBe("search");
    expect(Object.fromEntries(back.params)).toEqual(Object.fromEntries(params));
  });

  it("names no page that there is not", () => {
    expect(parsed("").named).toBeNull();
    expect(parsed("#/nowhere?x=1").named).toBeNull();
  });
});

describe("selection", () => {
  it("reads each kind", () => {
    expect(selection("event:41")).toEqual({ what: "event", seq: 41 });
    expect(selection("alert:7")).toEqual({ what: "alert", id: "7" });
    expect(selection("unit:unit/B1")).toEqual({ what: "unit", key: "unit/B1" });
    expect(selection(ofAsset({ source: "cams", id: "a/b" }))).toEqual({ what: "asset", source: "cams", id: "a/b" });
  });

  it.each(["", "event:", "event:x", "asset:cams", "thing:1"])("takes %j for none", (text) => expect(selection(text)).toBeNull());
});

describe("time line", () => {
  it("counts moments into stretches and leaves out what is outside", () => {
    const bins = binned([{ at: 5, tone: "red" }, { at: 15, tone: "grey" }, { at: 19, tone: "grey" }, { at: 20, tone: "grey" }], [0, 20], 2);
    expect(bins.map((bin) => bin.total)).toEqual([1, 2]);
    expect(bins[0]!.red).toBe(1);
  });

  it("marks round times", () => {
    expect(ticks([0, 3_600_000], 6)).toEqual([0, 600_000, 1_200_000, 1_800_000, 2_400_000, 3_000_000]);
  });

  it("keeps the picked stretch through the address bar", () => {
    expect(readStretch(writeStretch([1000, 61_000]))).toEqual([1000, 61_000]);
    expect(readStretch("9-3")).toBeNull();
    expect(within([10, 20], 20)).toBe(false);
    expect(within(null, 99)).toBe(true);
  });
});

describe("geometry", () => {
  it("draws a camera's view from the camera and back, as far as it reaches", () => {
    const ring = wedge([-90, 30], 0, 90, 100);
    expect(ring[0]).toEqual([-90, 30]);
    expect(ring.at(-1)).toEqual([-90, 30]);
    const [w, s, e, n] = boundsOf(ring)!;
    expect((n - s) * 111_320).toBeCloseTo(100, 0);
    expect((e - w) * 111_320 * Math.cos(Math.PI / 6)).toBeCloseTo(141.4, 0);
  });

  it("closes circles", () => {
    const ring = circle([0, 0], 50);
    expect(ring[0]![1]).toBeCloseTo(ring.at(-1)![1], 9);
  });
});

describe("words", () => {
  it("says codes as people do", () => {
    expect(spaced("ResourcesOnscene")).toBe("Resources onscene");
    expect(spaced("live_and_recorded")).toBe("Live and recorded");
    expect(metres(1240)).toBe("1.2 km");
  });

  it("gives a state its tone: red only for danger to life", () => {
    expect(stateOf({ kind: "call", status: "Active" })).toEqual(["Waiting", "amber"]);
    expect(stateOf({ kind: "gunshot", status: "cancelled" })[1]).toBe("grey");
    expect(factsOf({ status: "ResourcesOnscene" })).toEqual([{ name: "Status", values: [{ text: "On scene", q: undefined }] }]);
    expect(stateOf({ kind: "unit", status: "on_patrol" })).toEqual(["On patrol", "grey"]);
  });

  it("finds plates, units and call numbers in a headline", () => {
    const idents = (text: string) => parts(text).filter((part) => part.ident).map((part) => part.text);
    expect(idents("ZZT1234 on Stolen vehicles")).toEqual(["ZZT1234"]);
    expect(idents("B114: On scene on F-00412-26")).toEqual(["B114", "F-00412-26"]);
    expect(idents("Hit & run at 030XX Oliver White Ave")).toEqual([]);
    expect(idents("Medical at 2800 5th Ave")).toEqual([]);
  });

  it("names keys as they are shown", () => {
    expect(nameOf({ key: "K", ctrlKey: true, metaKey: false })).toBe("Ctrl-k");
    expect(nameOf({ key: "Enter", ctrlKey: false, metaKey: false })).toBe("Enter");
  });
});

it("tells an event's facts in the field's words, each value with the question it leads to", () => {
  const facts = factsOf({
    call_number: "F-1", incident_type: { code: "21", text: "Burglary" }, units: ["B1", "B2"],
    place: { address: "1200 Main St", error_m: 60 }, self_initiated: false, closed: null,
  });
  const said = Object.fromEntries(facts.map((fact) => [fact.name, fact.values.map((value) => value.text).join(", ")]));
  expect(said).toEqual({ Call: "F-1", Type: "Burglary (21)", Units: "B1, B2", Address: "1200 Main St", "Self-initiated": "No", "Place known to": "within 60 m" });
  expect(facts.find((fact) => fact.name === "Address")!.values[0]!.q).toBe('address:"1200 Main St"');
});

it("tells coordinates as they are read out: latitude first", () => {
  expect(factsOf({ place: { point: [-77.007, 38.8271] } })).toEqual([{ name: "Coordinates", mono: true, values: [{ text: "38.82710, -77.00700" }] }]);
});
