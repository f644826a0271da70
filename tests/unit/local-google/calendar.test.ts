import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PATHS } from "../../local-google/call-log";
import type { JsonObject } from "../../local-google/google-answers";
import { type LocalGoogle, startLocalGoogle } from "../../local-google/local-google";
import { CALENDAR, REDIRECT_URI, RelyingParty } from "./relying-party";

const ADA = "ada.lovelace@gmail.com";
const JULY = Date.UTC(2026, 6, 1, 6);
const NEXT_FORTNIGHT = {
  timeMin: "2026-07-01T06:00:00Z",
  timeMax: "2026-07-15T06:00:00Z",
  singleEvents: "true",
  orderBy: "startTime",
};

let google: LocalGoogle;
let app: RelyingParty;
beforeAll(async () => {
  google = await startLocalGoogle({ clock: { now: () => JULY }, redirectUris: [REDIRECT_URI] });
  app = new RelyingParty(google);
});
afterAll(() => google.stop());
beforeEach(() => google.control.reset());

/** Ada’s access token, with consent to what is asked for unless `ticked` says otherwise. */
async function accessToken(scope = `openid email ${CALENDAR}`, ticked?: string[]) {
  const choice = { account: ADA, ...(ticked && { scopes: ticked }) };
  return (await app.signIn({ params: { scope }, choice })).access_token;
}

async function list(token: string, query: Record<string, string> = NEXT_FORTNIGHT) {
  const answer = await app.get(`${PATHS.calendar}?${new URLSearchParams(query)}`, {
    authorization: `Bearer ${token}`,
  });
  return { answer, body: (await answer.json()) as JsonObject };
}

function insert(token: string, event: JsonObject): Promise<Response> {
  return fetch(google.issuer + PATHS.calendar, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(event),
  });
}

const reasonOf = ({ error }: JsonObject) => (error as { errors: JsonObject[] }).errors[0]?.reason;
const titlesOf = ({ items }: JsonObject) => (items as JsonObject[]).map(({ summary }) => summary);

describe("the local Google’s calendar", () => {
  it("lists seeded events in order, all-day ones too, in the calendar’s time zone", async () => {
    const { answer, body } = await list(await accessToken());
    expect(answer.status).toBe(200);
    expect(body).toMatchObject({ kind: "calendar#events", timeZone: "Europe/London" });
    expect(titlesOf(body)).toEqual([
      "Tea with Charles",
      "Notes on the engine",
      "Reading day",
      "Visit to the workshop",
      "Journey to the sea",
      "Letters",
    ]);
    expect(JSON.stringify(body)).toContain('"start":{"date":"2026-07-03"}');
  });

  it("keeps to the time asked for, and pages", async () => {
    const token = await accessToken();
    const short = { ...NEXT_FORTNIGHT, timeMax: "2026-07-02T00:00:00Z" };
    expect(titlesOf((await list(token, short)).body)).toEqual(["Tea with Charles"]);
    const page = { ...NEXT_FORTNIGHT, maxResults: "4" };
    const { nextPageToken } = (await list(token, page)).body;
    const rest = (await list(token, { ...page, pageToken: String(nextPageToken) })).body;
    expect(titlesOf(rest)).toEqual(["Journey to the sea", "Letters"]);
    expect(rest).not.toHaveProperty("nextPageToken");
  });

  it("refuses what isn’t allowed, in the form of Google’s APIs", async () => {
    const bad = await list("ya29.made-up");
    expect(bad.answer.status).toBe(401);
    expect(reasonOf(bad.body)).toBe("authError");
    const less = await list(await accessToken(undefined, []));
    expect(less.answer.status).toBe(403);
    expect(reasonOf(less.body)).toBe("insufficientPermissions");
    const readOnly = await accessToken(`openid ${CALENDAR}.readonly`);
    expect((await list(readOnly)).answer.status).toBe(200);
    expect((await insert(readOnly, {})).status).toBe(403);
  });

  it("adds an event once by its id, and only with a time that means something", async () => {
    const token = await accessToken();
    const start = { dateTime: "2026-07-05T10:00:00", timeZone: "Europe/London" };
    const end = { dateTime: "2026-07-05T11:00:00", timeZone: "Europe/London" };
    const event = { id: "abc123", summary: "Ferry", start, end };
    expect((await insert(token, event)).status).toBe(200);
    expect((await insert(token, event)).status).toBe(409);
    expect(titlesOf((await list(token)).body).filter((title) => title === "Ferry")).toHaveLength(1);
    expect((await insert(token, { ...event, id: "XYZ" })).status).toBe(400);
    expect((await insert(token, { ...event, id: "abc124", end: { date: "x" } })).status).toBe(400);
    const backwards = { ...event, id: "abc125", start: end, end: start };
    expect((await insert(token, backwards)).status).toBe(400);
    const nowhere = { ...event, id: "abc126", start: { dateTime: "2026-07-05T10:00:00" } };
    expect((await insert(token, nowhere)).status).toBe(400);
  });

  it("fails as a test wants it to", async () => {
    const token = await accessToken();
    google.faults.set(
      "calendar",
      { kind: "api-error", reason: "tooManyRequests", retryAfterSeconds: 7 },
      { times: 1 },
    );
    const { answer, body } = await list(token);
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([429, "7"]);
    expect(reasonOf(body)).toBe("rateLimitExceeded");
    expect((await list(token)).answer.status).toBe(200);
    expect(google.calls.count("calendar")).toBe(2);
  });
});
