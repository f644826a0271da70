import { expect, vi } from "vitest";
import { startTestApp, type TestApp, type TestAppOptions } from "../../support/test-app";
import { settle } from "../../support/test-clock";
import type { LogLine } from "../../support/test-log";
import { locationOf, type Visitor } from "../../support/visitor";
import { closedAddress, createNetwork, type Network, startElsewhere } from "./network";

/** An app, its Google and the network between them, all of which can fail. */
export interface FaultWorld {
  app: TestApp;
  network: Network;
  /** Where nobody listens. */
  closedAddress: string;
  /** A server that nobody should ask. */
  elsewhere: Awaited<ReturnType<typeof startElsewhere>>;
  /** Somebody who has signed in just now, with nothing counted or logged yet. */
  signedIn(choice?: Parameters<Visitor["signIn"]>[0]): Promise<Visitor>;
  /**
   * An answer for which somebody has to wait: time passes whenever the network is at rest. Not for
   * one that comes by itself, since what the app then computes takes no time on a clock that stands.
   */
  inTime<T>(pending: Promise<T>): Promise<{ answer: T; waitedMs: number }>;
  /** Lets time pass, and everything that then begins come to its end. */
  pass(ms: number): Promise<void>;
  refreshes(): number;
  logged(event: string): LogLine[];
  /** As it was in the beginning. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** How finely time passes. What is waited for is noticed at most so much later. */
export const STEP_MS = 250;
const LONGEST_WAIT_MS = 30_000;

export async function startFaultWorld(options: TestAppOptions = {}): Promise<FaultWorld> {
  const network = createNetwork();
  const app = await startTestApp({ ...options, fetch: network.fetch });
  const elsewhere = await startElsewhere();
  const { clock, google } = app;

  /** Until every request has its answer, or is one that Google holds back. */
  async function atRest(): Promise<void> {
    await vi.waitUntil(() => network.underWay <= google.faults.held, {
      interval: 1,
      timeout: 10_000,
    });
    await settle();
  }

  const world: FaultWorld = {
    app,
    network,
    elsewhere,
    closedAddress: await closedAddress(),
    async signedIn(choice) {
      const visitor = app.visitor();
      expect(locationOf(await visitor.signIn(choice))).toBe("/dashboard");
      google.calls.clear();
      app.log.lines.length = 0;
      return visitor;
    },
    async inTime(pending) {
      const begunAt = clock.now();
      const waitedMs = () => clock.now() - begunAt;
      let answered = false;
      const answer = pending.finally(() => {
        answered = true;
      });
      await atRest();
      while (!answered && waitedMs() < LONGEST_WAIT_MS) {
        await clock.advance(STEP_MS);
        await atRest();
      }
      return { answer: await answer, waitedMs: waitedMs() };
    },
    async pass(ms) {
      await atRest();
      for (let left = ms; left > 0 && clock.sleeping > 0; left -= STEP_MS) {
        await clock.advance(Math.min(STEP_MS, left));
        ms -= Math.min(STEP_MS, left);
        await atRest();
      }
      // Nobody waits for anything any more.
      await clock.advance(ms);
    },
    refreshes: () =>
      google.calls.list("token").filter((call) => call.grantType === "refresh_token").length,
    logged: (event) => app.log.lines.filter((line) => line.event === event),
    async reset() {
      network.restore();
      // Google forgets everybody, so the store must not hand on what it has of them.
      await app.store.endAllSessions({ reason: "signed_out" });
      google.control.reset();
      app.log.lines.length = 0;
    },
    async stop() {
      await elsewhere.stop();
      await app.stop();
    },
  };
  return world;
}
