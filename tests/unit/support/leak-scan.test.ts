import { describe, expect, it } from "vitest";
import { createSealer } from "../../../app/session/seal.server";
import { encodeSession } from "../../../app/session/session.server";
import { newTokenValue } from "../../local-google/token-values";
import { findLeaks } from "../../support/leak-scan";
import { aSession } from "../../support/session-fixture";
import { createTestRandom } from "../../support/test-random";

const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const TOKEN = newTokenValue("RefreshToken", "typical");
const scan = (text: string) => findLeaks([{ where: "here", text }], new Set([VERIFIER, TOKEN]));

describe("the scan for leaked secrets", () => {
  it.each<[how: string, text: string]>([
    ["a token", `<p>${TOKEN}</p>`],
    ["a token that nobody has told it of", newTokenValue("AccessToken", "documented-maximum")],
    ["the end of a code that was cut", newTokenValue("AuthorizationCode", "typical").slice(2)],
    ["a percent-encoded token", `/?x=${encodeURIComponent(TOKEN)}`],
    ["a token in JSON that escapes slashes", JSON.stringify(TOKEN).replaceAll("/", "\\/")],
    ["a code verifier", `{"codeVerifier":"${VERIFIER}"}`],
    ["a session that is signed, but not sealed", Buffer.from(sessionText()).toString("base64url")],
    ["a verifier in base64", Buffer.from(`["the verifier","${VERIFIER}"]`).toString("base64")],
  ])("LG-03 TR-19 finds %s", (_how, text) => {
    expect(scan(text)).toHaveLength(1);
    expect(scan(text).join()).not.toContain(VERIFIER);
  });

  it("finds nothing in a sealed session, in a page or in a hash", () => {
    const sealer = createSealer(
      "session",
      ["vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa"],
      createTestRandom(),
    );
    expect(scan(sealer.seal(sessionText()))).toEqual([]);
    expect(scan('<link href="/assets/entry.client-B9O4_WS3.js">')).toEqual([]);
    expect(scan("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")).toEqual([]);
  });
});

function sessionText(): string {
  const session = aSession();
  return encodeSession({ ...session, tokens: { ...session.tokens, refreshToken: TOKEN } });
}
