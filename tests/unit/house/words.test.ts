import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { textsIn } from "./read-source";

/** Where what a person reads on a page is written. */
const PAGES =
  /^(account|agenda|dashboard|http|routes|ui|welcome)\/|^auth\/sign-in\/messages\.ts$|^root\.tsx$/;

const pages = readdirSync("app", { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => PAGES.test(path) && /\.tsx?$/.test(path));

describe("what people read on pages", () => {
  it("has the apostrophes of print", () => {
    expect(pages.length).toBeGreaterThan(50);
    const straight = pages.flatMap((path) =>
      textsIn(readFileSync(`app/${path}`, "utf8"))
        .filter((text) => /\p{L}'\p{L}/u.test(text))
        .map((text) => `${path}: ${text}`),
    );
    expect(straight).toEqual([]);
  });

  it("is told from its source: strings, templates and text between tags, no comments", () => {
    expect(
      textsIn(
        ["const a = `b’s $", '{c} d’s`; /* e’s */ const f = <p title="g’s">h’s</p>; // i’s'].join(
          "",
        ),
      ),
    ).toEqual(["b’s ", " d’s", "g’s", "h’s"]);
  });
});
