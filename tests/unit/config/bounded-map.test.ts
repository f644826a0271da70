import { describe, expect, it } from "vitest";
import { BoundedMap } from "../../../app/config/bounded-map";

describe("BoundedMap", () => {
  it("forgets the oldest entry when it is full", () => {
    const map = new BoundedMap<string, number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.set("c", 3);
    expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([undefined, 2, 3]);
    expect(map.size).toBe(2);
  });

  it("counts an entry that is written again as the youngest", () => {
    const map = new BoundedMap<string, number>(2);
    map.set("a", 1);
    map.set("b", 2);
    map.set("a", 3);
    map.set("c", 4);
    expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([3, undefined, 4]);
  });

  it("takes back an entry", () => {
    const map = new BoundedMap<string, number>(2);
    map.set("a", 1);
    map.delete("a");
    expect(map.get("a")).toBeUndefined();
    expect(map.size).toBe(0);
  });

  it("never grows beyond its capacity", () => {
    const map = new BoundedMap<number, number>(10);
    for (let key = 0; key < 1000; key++) map.set(key, key);
    expect(map.size).toBe(10);
    expect(map.get(990)).toBe(990);
    expect(map.get(989)).toBeUndefined();
  });
});
