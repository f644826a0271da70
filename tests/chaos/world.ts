import { type LocalGoogle, startLocalGoogle } from "../local-google/local-google";
import { DEPLOYMENT_ORIGIN, deploymentSettings } from "../support/deployment";
import { freePort } from "../support/free-port";
import { startPgBouncer } from "../support/pgbouncer";
import { createDatabase, findPostgres, type Postgres, startPostgres } from "../support/postgres";
import { stallDatabase } from "./database";
import { type ChaosServer, chaosServer } from "./server";

/** What a run stands on: real processes, all of them ended by `dispose`. */
export interface World {
  google: LocalGoogle;
  postgres: Postgres;
  /** The address of the run’s database, without the pooler. */
  databaseUrl: string;
  servers: [ChaosServer, ChaosServer];
  dispose(): Promise<void>;
}

/**
 * Two built servers on PostgreSQL through PgBouncer, and a Google.
 *
 * @param tokenMs the life of an access token.
 * @param options.resources lets the servers tell what they hold.
 */
export async function startWorld(tokenMs: number, options = { resources: false }): Promise<World> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const dispose = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const programs = findPostgres();
    if (programs === null) throw new Error("PostgreSQL isn’t installed.");
    const postgres = await startPostgres(programs);
    cleanups.push(() => {
      // Stopped processes hear no signal but SIGKILL.
      stallDatabase(postgres.port, false);
      return postgres.dispose();
    });
    const databaseUrl = await createDatabase(postgres.url);
    const pooler = await startPgBouncer(postgres.url, "transaction");
    cleanups.push(() => pooler.stop());
    const google = await startLocalGoogle({
      redirectUris: [`${DEPLOYMENT_ORIGIN}/auth/google/callback`],
      accessTokenSeconds: tokenMs / 1000,
    });
    cleanups.push(() => google.stop());
    const settings = deploymentSettings(google, pooler.urlOf(databaseUrl));
    const server = async () => {
      const made = chaosServer(await freePort(), settings, options);
      cleanups.push(() => made.kill());
      await made.start();
      return made;
    };
    return { google, postgres, databaseUrl, servers: [await server(), await server()], dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
