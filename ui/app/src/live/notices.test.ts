import { expect, it } from "vitest";
import notices from "../../../../core/src/watchfloor/web/notices.py?raw";
import { saidOf, type Notice } from "./notices";

const notice = (more: Partial<Notice>): Notice => ({ what: "override_opened", by: "ana", name: "Ana Ruiz", request: "R-26-000012", at: "2026-11-23T06:00:00Z", ...more });

it("has a sentence for everything that the hub tells", () => {
  const [, listed] = /^What = Literal\[([^\]]+)\]/m.exec(notices)!;
  const all = [...listed!.matchAll(/"(\w+)"/g)].map(([, what]) => what!);
  expect(all).toContain("override_opened");
  expect(all.filter((what) => saidOf(notice({ what })).text.startsWith("The hub says"))).toEqual([]);
});

it("says who did it, and leads to the request", () => {
  const { text, leads } = saidOf(notice({}));
  expect(text).toContain("Ana Ruiz opened an emergency override");
  expect(leads).toMatchObject({ page: "requests", params: { request: "R-26-000012" } });
  expect(saidOf(notice({ what: "owner_told", owner: "North County Sheriff" })).text).toBe("Ana Ruiz opened data of North County Sheriff, which is to be told.");
  expect(saidOf(notice({ what: "break_glass_used", by: null, name: null })).text).toContain("Somebody signed in");
});
