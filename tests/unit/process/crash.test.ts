import { describe, expect, it } from "vitest";
import { describeCrash } from "../../../app/process/crash.server";

const CANARY = "canary";

describe("the description of a crash", () => {
  it("says the class of the error and where it happened", () => {
    const { cause, stack } = describeCrash(new RangeError(CANARY));
    expect(cause).toBe("RangeError");
    expect(stack.split("\n")[0]).toMatch(/^at .*crash\.test\.ts:\d+:\d+\)?$/);
    expect(stack).not.toContain(CANARY);
  });

  it.each([
    ["several lines", `one\n${CANARY}\nthree`],
    ["lines that look like frames", `x\n    at ${CANARY} (file:///${CANARY}.js:1:1)`],
  ])("LG-03 leaves out a message of %s", (_, message) => {
    const { stack } = describeCrash(new Error(message));
    expect(stack).toMatch(/crash\.test\.ts/);
    expect(stack).not.toContain(CANARY);
  });

  it("LG-03 leaves out what isn’t the name of a class, a query, and a message that was changed", () => {
    const named = new Error("x");
    named.name = `Error ${CANARY}`;
    const changed = new Error(`${CANARY} 1`);
    changed.message = "another";
    const queried = new Error("x");
    queried.stack = `Error: x\n    at f (https://x.example/${CANARY})\n    at g (file:///a?${CANARY}:1:1)`;
    for (const error of [named, changed, queried]) {
      expect(JSON.stringify(describeCrash(error))).not.toContain(CANARY);
    }
  });

  it.each([[CANARY], [{ token: CANARY }], [null], [undefined]])(
    "says only what kind of thing was thrown: %j",
    (thrown) => {
      expect(describeCrash(thrown)).toEqual({ cause: `thrown ${typeof thrown}`, stack: "" });
    },
  );

  it("is bounded", () => {
    const deep = (left: number): never => {
      if (left === 0) throw new Error("x".repeat(1_000_000));
      return deep(left - 1);
    };
    const before = Error.stackTraceLimit;
    Error.stackTraceLimit = 1000;
    try {
      deep(500);
    } catch (error) {
      expect(describeCrash(error).stack.split("\n")).toHaveLength(20);
    } finally {
      Error.stackTraceLimit = before;
    }
  });
});
