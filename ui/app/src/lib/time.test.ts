import { expect, it } from "vitest";
import { ago, asked, between, clock, exact, freshness, HOUR, MINUTE, momentAt, span } from "./time";

const NOW = Date.parse("2026-05-02T21:14:07Z");

it.each([
  [0, "now"], [4_000, "now"], [14_000, "14 s ago"], [4 * MINUTE, "4 min ago"], [72 * MINUTE, "1 h 12 min ago"],
  [26 * HOUR, "1 d 2 h ago"], [48 * HOUR, "2 d ago"], [-2 * MINUTE, "in 2 min"],
])("%d ms old is said as %s", (age, said) => expect(ago(NOW - age, NOW)).toBe(said));

it("rounds down to the largest unit", () => expect(span(119_000)).toBe("1 min"));

it("gives a stretch seconds where minutes alone would not differ", () => {
  expect(between(NOW, NOW + 8_000, "UTC")).toBe("21:14:07 – 21:14:15");
  expect(between(NOW, NOW + 10 * MINUTE, "UTC")).toBe("21:14 – 21:24");
  expect(between(NOW, null, "UTC")).toBe("21:14 – now");
});

it("writes a moment as the search box reads it, in the agency's time", () => {
  expect(asked(NOW, "America/Chicago")).toBe("2026-05-02T16:14");
  expect(momentAt("2026-05-02T16:14", "America/Chicago")).toBe("2026-05-02T21:14:00Z");
  expect(momentAt("2026-03-08T01:59", "America/Chicago")).toBe("2026-03-08T07:59:00Z");
  expect(momentAt("2026-03-08T03:01", "America/Chicago")).toBe("2026-03-08T08:01:00Z");
  expect(momentAt("2026-11-01T00:30", "America/Chicago")).toBe("2026-11-01T05:30:00Z");
  expect(["", "0002-05-02T16:14"].map((local) => momentAt(local, "America/Chicago"))).toEqual(["", ""]);
});

it("shows a moment on the agency's clock and in UTC", () => {
  expect(clock(NOW, "America/Chicago")).toBe("16:14");
  const both = exact(NOW, "America/Chicago");
  expect(both).toContain("16:14:07");
  expect(both).toContain("2026-05-02T21:14:07Z");
});

it("lets symbols fade, then go", () => {
  expect(freshness(5, 10, 20)).toBe(1);
  expect(freshness(15, 10, 20)).toBeCloseTo(0.625);
  expect(freshness(20, 10, 20)).toBe(0);
});
