import { describe, expect, it } from "vitest";
import {
  refreshTokenIdFromEvent,
  refreshTokenIds,
} from "../../../app/store/refresh-token-ids.server";

const TOKEN = "1//0gThirdToken-abcdefghijklmnop";

/** Made with: printf TOKEN | openssl dgst -sha512 -binary | openssl dgst -sha512 -binary | base64 */
const HASH =
  "lLJ/KhZZY+qqbmyn8TIGpn1KKZqFTrlLud6J6BNg3UW8n6MEaEWEX1pc77s7RI6I+hzeVQ4lcKBUrsojwsxg5g==";
/** Made with: printf '1//0gThirdToken-' | openssl dgst -sha256 -binary | base64, as base64url. */
const PREFIX_HASH = "4fv7N3U0d9F_sxhLriEwW2JFvxOWE2m0WwYRMzBYoJc";

describe("The ids of a refresh token", () => {
  it("SO-22 are the double SHA-512 in base64 and a hash of the first 16 characters", () => {
    expect(refreshTokenIds(TOKEN)).toEqual({ hash: HASH, prefixHash: PREFIX_HASH });
  });

  it("SO-22 are read from an event by its algorithm, and from no other", () => {
    const fromEvent = refreshTokenIdFromEvent;
    expect(fromEvent("hash_base64_sha512_sha512", HASH)).toEqual({ hash: HASH });
    expect(fromEvent("prefix", "1//0gThirdToken-")).toEqual({ prefixHash: PREFIX_HASH });
    expect(fromEvent("md5", "x")).toBeNull();
  });
});
