import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  joinChunks,
  SESSION_BUDGET_BYTES,
  sessionCookieNames,
  splitIntoChunks,
} from "../../../app/session/chunks.server";

const NAME = "__Host-Http-latchkey";

function cookies(...pairs: [string, ...string[]][]): Map<string, string[]> {
  return new Map(pairs.map(([name, ...values]) => [name, values]));
}

describe("splitIntoChunks", () => {
  it("SC-12 uses one cookie up to 4096 bytes of name and value together", () => {
    const whole = "v".repeat(4096 - NAME.length);
    expect(splitIntoChunks(NAME, whole)).toEqual([{ name: NAME, value: whole }]);
    expect(splitIntoChunks(NAME, `${whole}v`)).toHaveLength(2);
  });

  it("SC-12 makes no cookie above 4096 bytes, and loses nothing", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: SESSION_BUDGET_BYTES }), (length) => {
        const value = Array.from({ length }, (_, index) => index % 10).join("");
        const parts = splitIntoChunks(NAME, value) ?? [];
        expect(parts.map((part) => part.value).join("")).toBe(value);
        for (const part of parts) {
          expect(part.name.length + part.value.length).toBeLessThanOrEqual(4096);
        }
        const sent = cookies(...parts.map(({ name, value }): [string, string] => [name, value]));
        expect(joinChunks(NAME, sent)[0]).toBe(value);
      }),
    );
  });

  it("SC-14 refuses what is over the budget", () => {
    expect(splitIntoChunks(NAME, "v".repeat(SESSION_BUDGET_BYTES))).toHaveLength(2);
    expect(splitIntoChunks(NAME, "v".repeat(SESSION_BUDGET_BYTES + 1))).toBeNull();
  });
});

describe("joinChunks", () => {
  it("finds nothing among other cookies", () => {
    expect(joinChunks(NAME, cookies(["latchkey", "x"], [`${NAME}-signin-a`, "x"]))).toEqual([]);
  });

  it("SC-13 doesn’t depend on the order in which chunks are sent", () => {
    const sent = cookies([`${NAME}.1`, "two"], ["other", "x"], [`${NAME}.0`, "one"]);
    expect(joinChunks(NAME, sent)[0]).toBe("onetwo");
  });

  it("SC-13 makes nothing of a second chunk without its first", () => {
    expect(joinChunks(NAME, cookies([`${NAME}.1`, "two"]))).toEqual([]);
  });

  it("SC-13 offers the values with and without a chunk that was left over", () => {
    const sent = cookies([NAME, "whole"], [`${NAME}.0`, "one"], [`${NAME}.1`, "two"]);
    expect(joinChunks(NAME, sent)).toEqual(["whole", "onetwo", "one"]);
  });

  it("believes in no third chunk", () => {
    const sent = cookies([`${NAME}.0`, "one"], [`${NAME}.1`, "two"], [`${NAME}.2`, "three"]);
    expect(joinChunks(NAME, sent)).toEqual(["onetwo", "one"]);
  });

  it("SC-17 believes neither of two values of one name", () => {
    expect(joinChunks(NAME, cookies([NAME, "a", "b"]))).toEqual([]);
    expect(joinChunks(NAME, cookies([`${NAME}.0`, "a", "b"], [`${NAME}.1`, "c"]))).toEqual([]);
    expect(joinChunks(NAME, cookies([NAME, "a", "a"]))).toEqual(["a"]);
  });
});

describe("sessionCookieNames", () => {
  it("SC-13 finds the whole cookie and every chunk, and nothing else", () => {
    const sent = cookies(
      [NAME, "x"],
      [`${NAME}.0`, "x"],
      [`${NAME}.17`, "x"],
      [`${NAME}.x`, "x"],
      [`${NAME}-signin-0`, "x"],
      ["latchkey", "x"],
      [`${NAME}.`, "x"],
    );
    expect(sessionCookieNames(NAME, sent)).toEqual([NAME, `${NAME}.0`, `${NAME}.17`]);
  });
});
