import { decodeJwt, decodeProtectedHeader } from "jose";
import { expect, it } from "vitest";
import { startLocalGoogle } from "../../local-google/local-google";
import { REDIRECT_URI } from "./relying-party";

it("signs security events, as its RISC configuration says, for another process too", async () => {
  const google = await startLocalGoogle({ redirectUris: [REDIRECT_URI] });
  const event = { type: "sessions-revoked", subject: "ada.lovelace@gmail.com" };
  const answer = await fetch(`${google.issuer}/_local/control`, {
    method: "POST",
    body: JSON.stringify({ action: "sendSecurityEvent", event }),
  });
  const { result } = (await answer.json()) as { result: string };
  expect(decodeJwt(result)).toMatchObject({
    iss: `${google.issuer}/`,
    aud: google.clientId,
    events: {
      "https://schemas.openid.net/secevent/risc/event-type/sessions-revoked": {
        subject: {
          subject_type: "iss-sub",
          iss: `${google.issuer}/`,
          sub: "104815162342001000001",
        },
      },
    },
  });

  const found = await fetch(`${google.issuer}/.well-known/risc-configuration`);
  const configuration = (await found.json()) as { issuer: string; jwks_uri: string };
  expect(configuration.issuer).toBe(`${google.issuer}/`);
  const jwks = (await (await fetch(configuration.jwks_uri)).json()) as { keys: { kid: string }[] };
  const { kid } = decodeProtectedHeader(result);
  expect(jwks.keys.map((key) => key.kid)).toContain(kid);
  expect(google.calls.count("risc")).toBe(1);
  expect(google.control.errors()).toEqual([]);
  await google.stop();
});
