import { describe, expect, it } from "vitest";
import {
  type Random,
  randomFraction,
  randomId,
  systemRandom,
} from "../../../app/config/random.server";

/** Gives these bytes and no others. */
function given(...bytes: number[]): Random {
  return { bytes: (size) => Uint8Array.from(bytes.slice(0, size)) };
}

describe("randomId", () => {
  it("SC-21 has 128 random bits", () => {
    expect(Buffer.from(randomId(systemRandom), "base64url")).toHaveLength(16);
  });

  it("differs every time", () => {
    const ids = Array.from({ length: 1000 }, () => randomId(systemRandom));
    expect(new Set(ids).size).toBe(1000);
  });

  it("is fit for a cookie’s name and an address", () => {
    expect(randomId(given(0xfb, 0xff, 0xbf), 3)).toBe("-_-_");
    expect(randomId(systemRandom, 200)).toMatch(/^[\w-]+$/);
  });
});

describe("randomFraction", () => {
  it.each([
    [0, 0, 0],
    [0x80, 0, 0.5],
    [0xff, 0xff, 65_535 / 65_536],
  ])("makes bytes %i and %i %d", (first, second, fraction) => {
    expect(randomFraction(given(first, second))).toBe(fraction);
  });
});

describe("systemRandom", () => {
  it("gives as many bytes as are asked for", () => {
    expect([0, 1, 12, 32].map((size) => systemRandom.bytes(size).length)).toEqual([0, 1, 12, 32]);
  });
});
