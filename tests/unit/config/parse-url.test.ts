import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseUrl } from "../../../app/config/parse-url";

/** More than V8 waits before it compiles what is called. */
const OFTEN = 20_000;

describe("the URL that a text is", () => {
  it("is the same however often it is asked for, with letters of any script", () => {
    const texts = ["https://bücher.example", "https://a.example/café", "https://例え.example"];
    const wrong = Array.from({ length: OFTEN }, (_, n) => texts[n % texts.length] ?? "").filter(
      (text) => parseUrl(text) === null,
    );
    expect(wrong).toEqual([]);
  });

  it("is null where there is none, and goes by a base where there is one", () => {
    expect(parseUrl("no address")).toBeNull();
    expect(parseUrl("https://")).toBeNull();
    expect(parseUrl("/käse", "https://a.example")?.href).toBe("https://a.example/k%C3%A4se");
  });

  it("is asked for in no other way: Node 20 answers wrongly by URL.canParse", () => {
    const files = readdirSync("app", { recursive: true, encoding: "utf8" })
      .map((path) => path.replaceAll("\\", "/"))
      .filter((path) => /\.tsx?$/.test(path) && path !== "config/parse-url.ts");
    expect(
      files.filter((path) => readFileSync(`app/${path}`, "utf8").includes("canParse")),
    ).toEqual([]);
  });
});
