import { expect, test } from "vitest";
import { inOrder } from "./order";

const row = (id: string, opened: string, priority: "urgent" | "normal" | "low" = "normal", late = false, purpose = "wanted_person") => ({ id, opened, priority, late, purpose });

test("late before urgent before what has waited longest", () => {
  const rows = [
    row("new", "2026-05-02T12:03:00Z"),
    row("low", "2026-05-02T10:00:00Z", "low"),
    row("urgent", "2026-05-02T12:02:00Z", "urgent"),
    row("late", "2026-05-02T12:01:00Z", "low", true),
    row("emergency", "2026-05-02T12:04:00Z", "normal", false, "emergency_override"),
    row("old", "2026-05-02T11:00:00Z"),
  ];
  expect(inOrder(rows).map(({ id }) => id)).toEqual(["late", "urgent", "emergency", "old", "new", "low"]);
});
