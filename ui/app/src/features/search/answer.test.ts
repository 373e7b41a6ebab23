import { expect, it } from "vitest";
import type { SourceAnswer } from "../../api";
import { answerLine, missing, narrowed, without } from "./answer";

const answer = (source: string, state: SourceAnswer["state"]): SourceAnswer => ({ source, state, found: 0, detail: null, gaps: [] });
const done = { found: 41, at_least: false, took_ms: 9, next: null };

it("says first what was found and who could answer", () => {
  const answers = [answer("a", "ok"), answer("b", "timed_out"), answer("c", "gap"), answer("d", "gap")];
  expect(answerLine(41, 41, done, answers)).toBe("41 found, 1 of 4 sources answered in full");
  expect(missing(answers)).toEqual(["1 timed out", "2 have no data for part of that time"]);
});

it("says how many things those found are about, where they are fewer", () => {
  expect(answerLine(81, 53, done, [answer("a", "ok")])).toBe("81 found about 53 things, 1 source answered");
  expect(answerLine(4, 1, done, [answer("a", "ok")])).toBe("4 found about 1 thing, 1 source answered");
});

it("never lets an empty answer look like an answer from all", () => {
  expect(answerLine(0, 0, { ...done, found: 0 }, [answer("a", "ok")])).toBe("Nothing found, 1 source answered");
  expect(answerLine(0, 0, { ...done, found: 0 }, [answer("a", "gap")])).toBe("Nothing found, 0 of 1 source answered in full");
});

it("says that there may be more", () => {
  expect(answerLine(500, 500, { ...done, at_least: true }, [])).toContain("At least 500 found");
  expect(answerLine(3, 3, null, [])).toBe("3 found so far");
});

it("leaves a part of the question out", () => {
  expect(without("hit and run since:2h", "since:2h")).toBe("hit and run");
  expect(without("a b", "c")).toBe("a b");
});

it("narrows by a value, replacing what was said of the same field", () => {
  expect(narrowed("run kind:call", "kind", "gunshot")).toBe("run kind:gunshot");
  expect(narrowed('x address:"1 Main St"', "address", "2 Oak St")).toBe('x address:"2 Oak St"');
});
