import { describe, expect, it } from "vitest";
import { asciiDomain } from "../../../app/config/hosted-domains.server";

describe("asciiDomain", () => {
  it.each([
    ["Example.COM", "example.com"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["XN--BCHER-KVA.example", "xn--bcher-kva.example"],
    ["例え.テスト", "xn--r8jz45g.xn--zckzah"],
  ])("FC-8 compares %s as %s", (text, ascii) => {
    expect(asciiDomain(text)).toBe(ascii);
  });

  it.each(["", "example.com/evil", "example.com:443", "a@example.com", "example%2ecom", "a b.com"])(
    "FC-8 takes %j for no domain at all",
    (text) => {
      expect(asciiDomain(text)).toBe("");
    },
  );
});
