import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Avatar } from "../../../app/ui/avatar";
import { initialsOf } from "../../../app/ui/initials";

function markupOf(name: string, picture: string | null): string {
  return renderToStaticMarkup(createElement(Avatar, { name, picture }));
}

describe("a person’s picture", () => {
  it("CS-12 is shown from https only, and tells its host no address of ours", () => {
    const markup = markupOf("Ada Lovelace", "https://lh3.googleusercontent.com/a/x=s96-c");
    expect(markup).toContain('src="https://lh3.googleusercontent.com/a/x=s96-c"');
    expect(markup).toContain('referrerPolicy="no-referrer"');
  });

  it.each([
    "javascript:alert(1)",
    "http://lh3.googleusercontent.com/a",
    "data:image/svg+xml,x",
    "",
  ])("CS-12 is left out when its address is %j", (picture) => {
    expect(markupOf("Ada Lovelace", picture)).not.toContain("<img");
  });

  it("CS-12 stands aside for a name that is markup", () => {
    expect(markupOf("<script>alert(1)</script>", null)).not.toContain("<script");
  });
});

describe("initials", () => {
  it.each([
    ["Ada Lovelace", "AL"],
    ["ada", "A"],
    ["Augusta Ada King (Countess)", "AK"],
    ["  Émile   Zola ", "ÉZ"],
    ["张伟", "张"],
    ["𝒜da Lovelace", "𝒜L"],
    ["", "?"],
    ["— …", "?"],
  ])("of %j are %s", (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});
