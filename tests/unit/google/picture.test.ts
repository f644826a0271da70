import { describe, expect, it } from "vitest";
import { allowedPicture } from "../../../app/google/picture";

describe("allowedPicture", () => {
  it.each([
    "https://lh3.googleusercontent.com/a/ACg8ocJ=s96-c",
    "https://googleusercontent.com/a",
    "https://yt3.ggpht.com/a",
  ])("CS-12 lets %s pass", (address) => {
    expect(allowedPicture(address)).toBe(address);
  });

  it.each([
    null,
    "",
    "/picture.png",
    "//lh3.googleusercontent.com/a",
    "http://lh3.googleusercontent.com/a",
    "https://evil.example/a",
    "https://evilgoogleusercontent.com/a",
    "https://lh3.googleusercontent.com.evil.example/a",
    "https://lh3.googleusercontent.com@evil.example/a",
    "https://evil.example/?https://lh3.googleusercontent.com/",
    "https://evil.example\\.googleusercontent.com/a",
    "javascript:alert(1)",
    "javascript://lh3.googleusercontent.com/%0aalert(1)",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "<script>alert(1)</script>",
    `https://lh3.googleusercontent.com/${"a".repeat(1024)}`,
  ])("CS-12 refuses %j", (address) => {
    expect(allowedPicture(address)).toBeNull();
  });

  it("CS-12 leaves nothing in the address that ends an attribute", () => {
    expect(allowedPicture('https://lh3.googleusercontent.com/"><script>')).toBe(
      "https://lh3.googleusercontent.com/%22%3E%3Cscript%3E",
    );
  });
});
