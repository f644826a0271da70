import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isPlaceholderSecret } from "../../../app/config/secret-strength.server";

describe("isPlaceholderSecret", () => {
  it.each([
    "change-me-change-me-change-me-change-me",
    "CHANGE_THIS_to_something_of_32_characters",
    "changeit-1234567890-abcdefghijklmnop",
    "this-is-only-a-placeholder-of-32-chars",
    "your-session-secret-goes-right-here-now",
    "YOUR_OWN_SECRET_1234567890_abcdefghijk",
    "my-super-secret-key-of-thirty-two-chars",
    "top secret words of a long enough line",
    "replace-me-with-something-random-1234",
    "insert your words here, 0123456789 abc",
    "generate-a-key-with-openssl-0123456789",
    "s3cr3t-0123456789-abcdefghijklmnopqrst",
    "TODO-0123456789-abcdefghijklmnopqrstuv",
    "xxxxxxxx-0123456789-abcdefghijklmnopqr",
  ])("SC-06 knows the placeholder %s", (secret) => {
    expect(isPlaceholderSecret(secret)).toBe(true);
  });

  it.each(["a".repeat(64), "01".repeat(32), "abcdefghi".repeat(5)])(
    "SC-06 knows the pattern %s",
    (secret) => {
      expect(isPlaceholderSecret(secret)).toBe(true);
    },
  );

  it("lets real secrets pass, in hex and in base64", () => {
    const secrets = Array.from({ length: 200 }, () => randomBytes(32));
    const refused = secrets
      .flatMap((secret) => [secret.toString("hex"), secret.toString("base64")])
      .filter(isPlaceholderSecret);
    expect(refused).toEqual([]);
  });

  it("lets the development secret of 32 letters and digits pass", () => {
    expect(isPlaceholderSecret("vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa")).toBe(false);
  });
});
