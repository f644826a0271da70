import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { GoogleVisitor } from "../../local-google/google-visitor";
import { type LocalGoogle, startLocalGoogle } from "../../local-google/local-google";

let google: LocalGoogle;
beforeAll(async () => {
  google = await startLocalGoogle({ redirectUris: ["http://localhost:3000/cb"] });
});
afterAll(() => google.stop());

it("walks", async () => {
  const visitor = new GoogleVisitor();
  const url = `${google.issuer}/o/oauth2/v2/auth?client_id=${google.clientId}&redirect_uri=http://localhost:3000/cb&response_type=code&scope=openid+email+profile&state=s&nonce=n&access_type=offline`;
  const walk = await visitor.authorize(url);
  console.log(walk);
  const code = new URL(walk.callbackUrl).searchParams.get("code") ?? "";
  const answer = await fetch(`${google.issuer}/token`, { method: "POST", body: new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri: "http://localhost:3000/cb", client_id: google.clientId, client_secret: google.clientSecret }) });
  const body = await answer.json();
  console.log(answer.status, body, google.control.errors());
  const refresh = await fetch(`${google.issuer}/token`, { method: "POST", body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: body.refresh_token, client_id: google.clientId, client_secret: google.clientSecret }) });
  console.log(refresh.status, await refresh.json(), google.calls.list());
  const ui = await fetch(`${google.issuer}/v1/userinfo`, {headers: {authorization: `Bearer ${body.access_token}`}});
  console.log(ui.status, await ui.json());
  console.log(await (await fetch(`${google.issuer}/oauth2/v3/certs`)).json(), await (await fetch(`${google.issuer}/.well-known/openid-configuration`)).json());
});
