import { setTimeout as sleep } from "node:timers/promises";
import { stallDatabase } from "./database";
import type { Fault } from "./plan-faults";
import type { ChaosServer } from "./server";
import type { Traffic } from "./traffic";
import type { World } from "./world";

/** What has been done to the world; moments in ms. */
export interface Damage {
  kills: { at: number; pid: number }[];
  outages: { from: number; to: number }[];
}

const PRONE = ["token", "userinfo", "discovery", "jwks", "revoke", "tokeninfo"] as const;
/** A balancer sees within this time that a server is about to stop. */
const NOTICED_AFTER_MS = 1000;
/** Longer than any outage of the plan. */
const SUPERVISED_MS = 60_000;
const STALL_MS = 900;
const BETWEEN_STALLS_MS = 150;

/** Does one fault, and undoes it; resolves when the world is whole again. */
export async function playFault(
  fault: Fault,
  { google, postgres, servers }: World,
  traffic: Traffic,
  damage: Damage,
): Promise<void> {
  await sleep(fault.afterMs);
  const one = servers[fault.server] ?? servers[0];
  const outage = async (play: () => Promise<void>) => {
    const span = { from: Date.now(), to: Number.POSITIVE_INFINITY };
    damage.outages.push(span);
    await play();
    span.to = Date.now();
  };
  switch (fault.kind) {
    case "server killed":
      return killForAWhile(one, fault.forMs, traffic, damage);
    case "both servers killed":
      await Promise.all(servers.map((each) => killForAWhile(each, fault.forMs, traffic, damage)));
      return;
    case "server stopped in order": {
      const stopped = one.stop();
      await sleep(NOTICED_AFTER_MS);
      traffic.open(one, false);
      if ((await stopped) !== 0) throw new Error("A server that was asked to stop was cut off.");
      await startAgain(one);
      traffic.open(one, true);
      return;
    }
    case "database stopped":
      return outage(async () => {
        await postgres.stop();
        await sleep(fault.forMs);
        await postgres.start();
      });
    case "disk stalls":
      // In pulses: nothing for a while, then as much as it can for a moment.
      return outage(async () => {
        for (const until = Date.now() + fault.forMs; Date.now() < until; ) {
          stallDatabase(postgres.port, true);
          await sleep(STALL_MS);
          stallDatabase(postgres.port, false);
          await sleep(BETWEEN_STALLS_MS);
        }
      });
    case "Google cut off":
      for (const endpoint of PRONE) google.faults.set(endpoint, cut(fault));
      await sleep(fault.forMs);
      google.faults.clear();
      return;
  }
}

function cut({ how }: Fault) {
  return how === "status" ? ({ kind: "status", status: 503 } as const) : ({ kind: how } as const);
}

async function killForAWhile(
  server: ChaosServer,
  forMs: number,
  traffic: Traffic,
  damage: Damage,
): Promise<void> {
  const { pid } = server;
  traffic.open(server, false);
  if (pid !== null) damage.kills.push({ at: Date.now(), pid });
  await server.kill();
  await sleep(forMs);
  await startAgain(server);
  traffic.open(server, true);
}

/** As a supervisor does: a server that finds no database ends, and is started once more. */
async function startAgain(server: ChaosServer): Promise<void> {
  for (const giveUpAt = Date.now() + SUPERVISED_MS; ; ) {
    try {
      return await server.start();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await sleep(250);
    }
  }
}
