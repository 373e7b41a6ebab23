import { describe, expect, it } from "vitest";
import type { Position } from "../api/types";
import { BUSY, PositionTable, VEHICLE } from "./positions";

const unit = (key: string, time: number, lon = 1, status: string | null = "Available"): Position =>
  [key, key.toUpperCase(), lon, 2, 90, 5, time, "unit", status, true];

describe("PositionTable", () => {
  it("keeps one slot a thing and draws its last place", () => {
    const table = new PositionTable();
    table.put([unit("a", 1), unit("b", 1), unit("a", 2, 7)]);
    const frame = table.frame()!;
    expect(frame.count).toBe(2);
    expect([...frame.places]).toEqual([7, 2, 1, 2]);
    expect([...frame.times]).toEqual([2, 1]);
  });

  it("drops a position that comes late", () => {
    const table = new PositionTable();
    table.put([unit("a", 5, 7), unit("a", 4, 3)]);
    expect(table.frame()!.places[0]).toBe(7);
  });

  it("has no frame when nothing moved", () => {
    const table = new PositionTable();
    table.put([unit("a", 1)]);
    expect(table.frame()).not.toBeNull();
    expect(table.frame()).toBeNull();
  });

  it("hands labels over once, and again when they change", () => {
    const table = new PositionTable();
    table.put([unit("a", 1)]);
    expect(table.frame()!.labels).toHaveLength(1);
    table.put([unit("a", 2)]);
    expect(table.frame()!.labels).toHaveLength(0);
    table.put([unit("a", 3, 1, "Enroute")]);
    expect(table.frame()!.labels[0]![1].status).toBe("Enroute");
  });

  it("tells busy units and vehicles by their look", () => {
    const table = new PositionTable();
    table.put([unit("a", 1, 1, "OnScene"), ["v", "12", 1, 2, null, null, 1, "vehicle", null, false]]);
    const frame = table.frame()!;
    expect([...frame.looks]).toEqual([BUSY, VEHICLE]);
    expect(frame.courses[1]).toBeNaN();
  });

  it("grows beyond its first size without losing anything", () => {
    const table = new PositionTable();
    table.put(Array.from({ length: 1000 }, (_, i) => unit(`u${i}`, 1, i / 10)));
    const frame = table.frame()!;
    expect(frame.count).toBe(1000);
    expect(frame.places[2 * 999]).toBeCloseTo(99.9);
  });
});
