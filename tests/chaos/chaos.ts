import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { CookieJar } from "../support/cookie-jar";
import { DEPLOYMENT_ORIGIN } from "../support/deployment";
import { ChaosBrowser } from "./browser";
import type { Figures } from "./figures";
import { followGoogle } from "./google-log";
import { diedWithProcess } from "./lost-tokens";
import { FAULT_KINDS, planEpisode } from "./plan-faults";
import { type Damage, playFault } from "./play-fault";
import type { TokenUses } from "./read-order";
import { seeded } from "./seeded";
import { createTraffic } from "./traffic";
import type { World } from "./world";

export interface ChaosOrder {
  seed: number;
  seconds: number;
  browsers: number;
  tokens: TokenUses;
  /** The life of an access token. */
  tokenMs: number;
  /** Ends the run before its time. */
  ending: AbortSignal;
  say(line: string): void;
}

/** Two browsers in four share a person, and so a grant. */
const PEOPLE_IN_FOUR = 3;
/** The 30 s, on a machine that others use too. */
const HEALED_WITHIN_MS = 45_000;
/** An end is known everywhere by then, after whatever has happened. */
const ENDED_FOR_MS = 8000;

/** Lets browsers live in a world that breaks again and again: the first half with refresh tokens for many uses, then for one. */
export async function runChaos(world: World, order: ChaosOrder): Promise<Figures> {
  const { google, servers } = world;
  const { seed, tokenMs, say } = order;
  const draw = seeded(seed, "faults");
  const traffic = createTraffic(servers);
  const damage: Damage = { kills: [], outages: [] };
  const log = followGoogle(google, () => servers.flatMap(({ pid }) => pid ?? []));
  const faults = new Map<string, number>();
  const figures = {
    answers: traffic.answers,
    signIns: 0,
    signOuts: { asked: 0, lostWithProcess: [] as string[], unasked: [] as string[] },
    undone: 0,
    faults,
    healedAfterMs: [] as number[],
    unhealed: [] as string[],
  };
  let oneUse = false;
  let ended: { jar: CookieJar; at: number }[] = [];
  const startedAt = Date.now();
  const moment = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  const listener = {
    signedIn: () => {
      figures.signIns += 1;
    },
    ended: (jar: CookieJar) => ended.push({ jar, at: Date.now() }),
    signedOut(browser: ChaosBrowser, reason: string, asked: boolean) {
      const story = `${moment()}: ${browser.email}, ${reason}`;
      if (asked) figures.signOuts.asked += 1;
      else if (
        oneUse &&
        reason === "grant_revoked" &&
        diedWithProcess({ ...log.of(browser.sub), ...damage })
      ) {
        figures.signOuts.lostWithProcess.push(story);
      } else {
        figures.signOuts.unasked.push(story);
        say(`NOT ASKED FOR: ${story} ${JSON.stringify(log.of(browser.sub).granted.slice(-3))}`);
      }
    },
  };
  const people = Array.from({ length: Math.ceil((order.browsers * PEOPLE_IN_FOUR) / 4) }, (_, i) =>
    google.control.addAccount({ email: `person-${i}@example.com` }),
  );
  const browsers = Array.from({ length: order.browsers }, (_, i) => {
    const who = people[i % people.length];
    if (who === undefined) throw new Error("There are no people.");
    return new ChaosBrowser(who, traffic, seeded(seed, `browser ${i}`), listener);
  });
  for (const browser of browsers) {
    browser.siblings = browsers
      .filter(({ sub }) => sub === browser.sub)
      .filter((b) => b !== browser);
  }
  const enough = new AbortController();
  setMaxListeners(0, enough.signal);
  const lives = browsers.map((browser) => browser.live(enough.signal, 1500));
  /** Waits until everybody has a whole page that was asked for after `since`. */
  async function heal(since: number): Promise<boolean> {
    for (const browser of browsers) browser.healingSince = since;
    const isWhole = () => browsers.every(({ healthyAt }) => healthyAt >= since);
    while (!isWhole() && Date.now() - since < HEALED_WITHIN_MS && !order.ending.aborted) {
      await sleep(50);
    }
    for (const browser of browsers) browser.healingSince = null;
    return isWhole();
  }

  /** Shows the cookies of ended sessions once more, at both servers. */
  async function lookAtEnded(): Promise<void> {
    const due = ended.filter(({ at }) => Date.now() - at >= ENDED_FOR_MS);
    ended = ended.filter(({ at }) => Date.now() - at < ENDED_FOR_MS);
    for (const { jar, at } of due) {
      // An end that a process owed to a database that was away is lost with it, as documented.
      const lost = damage.outages.some(
        ({ from, to }) =>
          at >= from - 2000 &&
          at <= to &&
          damage.kills.some((kill) => kill.at >= at && kill.at <= to + 4000),
      );
      const headers = { Cookie: jar.header() ?? "" };
      for (const server of servers) {
        const asked = new Request(`${DEPLOYMENT_ORIGIN}/api/session`, { headers });
        const answer = await server.fetch(asked).catch(() => null);
        const text = await answer?.text();
        if (!lost && text?.includes('"authenticated"')) {
          figures.undone += 1;
          say(`SERVED AGAIN: ended at ${((at - startedAt) / 1000).toFixed(1)} s`);
        }
      }
    }
  }

  try {
    if (!(await heal(startedAt))) throw new Error("Not everybody could sign in at first.");
    const until = Date.now() + order.seconds * 1000;
    const parts = { many: Number.POSITIVE_INFINITY, both: order.seconds * 500, one: 0 };
    const halfway = Date.now() + parts[order.tokens];
    let kinds = draw.shuffled(FAULT_KINDS);
    while (Date.now() < until && !order.ending.aborted) {
      if (!oneUse && Date.now() >= halfway) {
        oneUse = true;
        kinds = draw.shuffled(FAULT_KINDS);
        google.control.rotateRefreshTokens(true);
        say(`${moment()}: refresh tokens are good for one use from now on`);
      }
      if (kinds.length === 0) kinds = draw.shuffled(FAULT_KINDS);
      const kind = kinds.shift() ?? FAULT_KINDS[0];
      const episode = planEpisode(kind, tokenMs, draw);
      const name = episode.map((fault) => fault.kind).join(" and ");
      for (const fault of episode) faults.set(fault.kind, (faults.get(fault.kind) ?? 0) + 1);
      const began = moment();
      await Promise.all(episode.map((fault) => playFault(fault, world, traffic, damage)));
      const since = Date.now();
      const healed = await heal(since);
      const tookMs = Date.now() - since;
      say(`${began}: ${name}; healed after ${(tookMs / 1000).toFixed(1)} s`);
      if (healed) figures.healedAfterMs.push(tookMs);
      else if (!order.ending.aborted) figures.unhealed.push(`${began}, ${name}`);
      await sleep(draw.between(500, 2000));
      await lookAtEnded();
    }
    await sleep(ENDED_FOR_MS);
    await lookAtEnded();
  } finally {
    enough.abort();
    await Promise.all(lives);
  }
  return { ...figures, requests: traffic.requests, refreshes: log.counts() };
}
