import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { GoogleVisitor } from "../../local-google/google-visitor";
import { type LocalGoogle, startLocalGoogle } from "../../local-google/local-google";
import { REDIRECT_URI, RelyingParty } from "./relying-party";

const HOUR = 3_600_000;
const START = Date.UTC(2031, 5, 1, 12);
let now = START;
let google: LocalGoogle;
let app: RelyingParty;

beforeAll(async () => {
  google = await startLocalGoogle({ clock: { now: () => now }, redirectUris: [REDIRECT_URI] });
  app = new RelyingParty(google);
});
beforeEach(() => {
  now = START;
  google.control.reset();
});
afterAll(() => google.stop());

it("dates tokens, calls and answers by its clock", async () => {
  const { id_token } = await app.signIn();
  expect(decodeJwt(id_token)).toMatchObject({ iat: START / 1000, exp: (START + HOUR) / 1000 });
  expect(google.calls.list("token")[0]?.at).toBe(START);
  const answer = await app.get("/oauth2/v3/certs");
  expect(answer.headers.get("date")).toBe(new Date(START).toUTCString());
  google.control.setDateSkew(-5 * 60_000);
  const skewed = await app.get("/oauth2/v3/certs");
  expect(skewed.headers.get("date")).toBe(new Date(START - 5 * 60_000).toUTCString());
});

it("lets an access token expire when the clock has moved by two hours, and live when it is set back", async () => {
  const { access_token, refresh_token } = await app.signIn();
  now = START + 2 * HOUR;
  expect((await app.userinfo(access_token)).status).toBe(401);
  const refreshed = await app.refreshed(refresh_token);
  expect(decodeJwt(refreshed.id_token).iat).toBe(now / 1000);
  now = START;
  expect((await app.userinfo(access_token)).status).toBe(200);
});

it("lets a code expire after ten minutes and an unused refresh token after half a year", async () => {
  const code = (await app.callback()).get("code") ?? "";
  now = START + 11 * 60_000;
  expect((await app.exchange(code)).status).toBe(400);
  const { refresh_token } = await app.signIn({ params: { prompt: "consent" } });
  now += 150 * 24 * HOUR;
  expect((await app.refresh(refresh_token)).status).toBe(200);
  now += 150 * 24 * HOUR;
  expect((await app.refresh(refresh_token)).status).toBe(200);
  now += 190 * 24 * HOUR;
  expect((await app.refresh(refresh_token)).status).toBe(400);
});

it("keeps a browser signed in at Google for longer than an access token lives", async () => {
  const visitor = new GoogleVisitor();
  await app.signIn({ visitor });
  now = START + 48 * HOUR;
  expect((await app.walk({ visitor })).pages).toEqual([]);
});

it("leaves the time of everybody else alone", async () => {
  const RealDate = Date;
  const seen: number[] = [];
  const watching = setInterval(() => seen.push(Date.now(), Date.now()), 1);
  await app.signIn();
  clearInterval(watching);
  expect(Date).toBe(RealDate);
  expect(seen.length).toBeGreaterThan(0);
  for (const each of seen) expect(each).toBeLessThan(Date.UTC(2030, 0));
  expect(Date.now()).toBeLessThan(Date.UTC(2030, 0));
});

it("keeps its clock while a test fakes the Date of the process", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2000, 0) });
  try {
    const { id_token } = await app.signIn();
    expect(decodeJwt(id_token).iat).toBe(START / 1000);
    expect(Date.now()).toBe(Date.UTC(2000, 0));
  } finally {
    vi.useRealTimers();
  }
});

it("may be given a clock that is itself made of Date.now", async () => {
  const shifted = await startLocalGoogle({
    clock: { now: () => Date.now() + 24 * HOUR },
    redirectUris: [REDIRECT_URI],
  });
  const { id_token } = await new RelyingParty(shifted).signIn();
  await shifted.stop();
  const ahead = (decodeJwt(id_token).iat ?? 0) * 1000 - Date.now();
  expect(ahead / HOUR).toBeCloseTo(24, 1);
});
