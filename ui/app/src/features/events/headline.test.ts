import { expect, it } from "vitest";
import { withReader } from "./headline";

const names = new Map([["8dedd80a-81a7", "Canal St at Bourbon St"]]);
const nameOf = (id: string) => names.get(id);

it("calls a reader by its name where the register has it", () => {
  expect(withReader("ZZT1234 read by 8dedd80a-81a7", nameOf)).toBe("ZZT1234 read by Canal St at Bourbon St");
  expect(withReader("ZZT1234 read by r-9", nameOf)).toBe("ZZT1234 read by r-9");
  expect(withReader("Hit & run at Main St", nameOf)).toBe("Hit & run at Main St");
});
