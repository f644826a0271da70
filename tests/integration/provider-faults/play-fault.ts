import { expect } from "vitest";
import { locationOf, type Visitor } from "../../support/visitor";
import type { FaultRow, SessionEnded, SessionKept } from "./fault-table";
import { type FaultWorld, STEP_MS } from "./fault-world";

/** When the fault strikes, by what is left of the access token’s hour. */
const AGES = {
  "a live": 3_000_000,
  "a nearly ended": 3_599_000,
  "an ended": 3_600_000,
} as const;
type Moment = keyof typeof AGES;
const MOMENTS: readonly Moment[] = ["a live", "a nearly ended", "an ended"];

export const GAP = "be reached just now";
const LONGEST_SIGN_IN_MS = 8000;

/** What happens, for the test’s title, and how to play it. */
type Case = [what: string, play: (world: FaultWorld) => Promise<void>];

/** Each fault at a sign-in, and at refreshes with a live, a nearly ended and an ended token. */
export function casesOf(rows: readonly FaultRow[]): Case[] {
  return rows.flatMap((row) => [...signInCasesOf([row]), ...refreshCasesOf([row])]);
}

export function signInCasesOf(rows: readonly FaultRow[]): Case[] {
  return rows.map((row) => [`a sign-in meets ${row.fault}`, (world) => playSignIn(world, row)]);
}

export function refreshCasesOf(rows: readonly FaultRow[]): Case[] {
  return rows.map((row) => [
    `refreshes with a live, a nearly ended and an ended token meet ${row.fault}`,
    (world) => playRefreshes(world, row),
  ]);
}

async function playSignIn(world: FaultWorld, row: FaultRow): Promise<void> {
  const { app, network } = world;
  if (row.signIn === null) throw new Error(`${row.fault} has no part for a sign-in`);
  const { error, cause, calls } = row.signIn;
  const visitor = app.visitor();
  const callback = await visitor.answerAtGoogle(await visitor.startSignIn());
  app.log.lines.length = 0;
  row.begin(world);
  const { answer, waitedMs } = await answered(world, visitor.get(callback), row.slow || calls > 1);

  expect(answer.status).toBe(302);
  expect(locationOf(answer)).toBe(`/login?returnTo=%2Fdashboard&error=${error}`);
  expect(waitedMs).toBeLessThanOrEqual(LONGEST_SIGN_IN_MS + STEP_MS);
  expect(network.asked("/token")).toBe(calls);
  expect(setCookieNames(answer)).toEqual([expect.stringMatching(/-signin-[\w-]+ deleted$/)]);
  expect(visitor.jar.names()).toEqual([]);
  const alarm = error === "misconfigured";
  expect(world.logged("authn_login_fail")).toEqual([
    expect.objectContaining({
      level: alarm ? "error" : "warn",
      fields: expect.objectContaining({ error, cause, alarm }),
    }),
  ]);

  await heal(world);
  await expectSignsIn(visitor);
}

async function playRefreshes(world: FaultWorld, row: FaultRow): Promise<void> {
  const { app, network } = world;
  const { refresh } = row;
  const visitor = await world.signedIn();
  for (const moment of MOMENTS) {
    await app.clock.advance(AGES[moment]);
    network.restore();
    app.log.lines.length = 0;
    row.begin(world);
    // In the end they are signed in, with tokens for an hour.
    if ("ends" in refresh) await playEnd(world, visitor, refresh, moment);
    else await playOutage(world, visitor, row, refresh, moment);
  }
  expect(await (await visitor.get("/dashboard")).text()).not.toContain(GAP);
}

async function playOutage(
  world: FaultWorld,
  visitor: Visitor,
  row: FaultRow,
  expected: SessionKept,
  moment: Moment,
): Promise<void> {
  const { app, network } = world;
  const { cause, calls, alarm = false, pauseMs = 60_000, says = GAP } = expected;
  const pending = visitor.get("/dashboard");
  const { answer, waitedMs } = await answered(world, pending, row.slow || calls > 1);

  const longestMs = moment === "an ended" ? LONGEST_SIGN_IN_MS : 2000;
  expect(waitedMs, moment).toBeLessThanOrEqual(longestMs + STEP_MS);
  expect(answer.status, moment).toBe(200);
  const text = await answer.text();
  expect(text).toContain("Hello, ");
  // The second that is left of a nearly ended token may be enough for the page, or not.
  if (moment !== "a nearly ended") expect(text.includes(says)).toBe(moment === "an ended");
  // Kept: at most the use is noted.
  expect(setCookieNames(answer)).toEqual([app.cookie]);

  // A refresh that outlasted the page’s patience comes to its end by itself.
  await world.pass(10_000);
  expect(network.asked("/token"), moment).toBe(calls);
  const live = moment === "a nearly ended" ? expect.any(Boolean) : moment === "a live";
  expect(world.logged("token_refresh_failed")).toEqual([
    expect.objectContaining({
      level: "warn",
      fields: expect.objectContaining({ cause, live, failures: 1 }),
    }),
  ]);
  expect(world.logged("token_refresh_refused")).toEqual(
    alarm
      ? [
          expect.objectContaining({
            level: "error",
            fields: expect.objectContaining({ cause, alarm }),
          }),
        ]
      : [],
  );

  await heal(world, pauseMs);
  const healed = await visitor.get("/api/session");
  expect(setCookieNames(healed)).toEqual([app.cookie]);
  expect(await healed.json()).toMatchObject({
    status: "authenticated",
    accessTokenExpiresAt: app.clock.now() + 3_600_000,
  });
  expect(network.asked("/token")).toBe(1);
}

async function playEnd(
  world: FaultWorld,
  visitor: Visitor,
  { ends, says, cause }: SessionEnded,
  moment: Moment,
): Promise<void> {
  const { app, network } = world;
  const answer = await visitor.get("/dashboard");

  expect(answer.status, moment).toBe(302);
  expect(locationOf(answer), moment).toBe(`/login?returnTo=%2Fdashboard&reason=${ends}`);
  expect(setCookieNames(answer)).toContain(`${app.cookie} deleted`);
  expect(visitor.jar.names()).not.toContain(app.cookie);
  expect(world.logged("session_expired")).toEqual([
    expect.objectContaining({
      level: "warn",
      fields: expect.objectContaining({ reason: ends, ...(cause && { cause }) }),
    }),
  ]);
  expect(await (await visitor.get(locationOf(answer))).text()).toContain(says);
  // Once: it leads to no second call and is told to nobody twice.
  expect(locationOf(await visitor.get("/dashboard"))).toBe("/login?returnTo=%2Fdashboard");
  expect(network.asked("/token")).toBe(1);

  await heal(world);
  await expectSignsIn(visitor);
}

/** The answer, for which time has to pass if the fault makes the app wait. */
async function answered(world: FaultWorld, pending: Promise<Response>, slow = false) {
  return slow ? world.inTime(pending) : { answer: await pending, waitedMs: 0 };
}

/** Everything works again, and whatever pause was made is over. */
async function heal(world: FaultWorld, pauseMs = 0): Promise<void> {
  world.network.restore();
  world.app.google.faults.clear();
  await world.pass(pauseMs);
}

async function expectSignsIn(visitor: Visitor): Promise<void> {
  expect(locationOf(await visitor.signIn())).toBe("/dashboard");
  expect(await visitor.session()).toMatchObject({ status: "authenticated" });
}

/** What an answer sets, and with "deleted" what it takes away. */
export function setCookieNames(answer: Response): string[] {
  return answer.headers.getSetCookie().map((header) => {
    const name = header.slice(0, header.indexOf("="));
    return header.includes("; Max-Age=0;") ? `${name} deleted` : name;
  });
}
