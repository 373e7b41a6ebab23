import { expect, it } from "vitest";
import { mediaOf, titleOf } from "./media";

it("never calls a recording a picture", () => {
  expect(titleOf(["audio"])).toBe("Recording");
  expect(titleOf(["plate_picture"])).toBe("Picture");
  expect(titleOf(["plate_picture", "vehicle_picture"])).toBe("Pictures");
  expect(titleOf(["scene_picture", "audio"])).toBe("Pictures and recordings");
});

it("keeps the order, which is what the hub is asked by", () => {
  expect(mediaOf({ media: [{ kind: "audio" }, { kind: "clip" }] })).toEqual(["audio", "clip"]);
  expect(mediaOf({})).toEqual([]);
});
