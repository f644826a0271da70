import { describe, expect, it } from "vitest";
import { allOf } from "../../../app/config/all-of";

describe("all of several promises", () => {
  it("are waited for at once, by name; what is none is handed on", async () => {
    const begun: string[] = [];
    const begin = async (name: string) => {
      begun.push(name);
      return name.toUpperCase();
    };
    const all = allOf({ a: begin("a"), b: begin("b"), c: 3 });
    expect(begun).toEqual(["a", "b"]);
    expect(await all).toEqual({ a: "A", b: "B", c: 3 });
  });

  it("fail by the first that fails, and no other is left unhandled", async () => {
    const fails = async (message: string) => {
      throw new Error(message);
    };
    await expect(allOf({ a: fails("first"), b: fails("second") })).rejects.toThrow("first");
  });
});
