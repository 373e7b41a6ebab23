import { expect, it } from "vitest";
import type { Alert } from "../../api";
import { inOrder } from "./order";

const alert = (id: number, state: Alert["state"], severity: Alert["severity"], raised: string) => ({ id, state, severity, raised }) as Alert;

it("puts what nobody has taken first, then danger, then the newest", () => {
  const ordered = inOrder([
    alert(1, "closed", "danger", "2026-05-02T22:00:00Z"),
    alert(2, "new", "high", "2026-05-02T20:00:00Z"),
    alert(3, "new", "danger", "2026-05-02T19:00:00Z"),
    alert(4, "acknowledged", "danger", "2026-05-02T23:00:00Z"),
    alert(5, "new", "high", "2026-05-02T21:00:00Z"),
  ]);
  expect(ordered.map((one) => one.id)).toEqual([3, 5, 2, 4, 1]);
});
