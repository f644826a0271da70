import type { KyselyPlugin, QueryId, RootOperationNode } from "kysely";
import Database from "libsql";
import pg from "pg";
import { expect, it } from "vitest";
import { systemRandom } from "../../../app/config/random.server";
import { connect } from "../../../app/store/database/connect.server";
import { createPruning } from "../../../app/store/prune.server";
import { createRecentEnds } from "../../../app/store/recent-ends.server";
import { createRefreshClaims } from "../../../app/store/refresh-claims.server";
import { refreshTokenIds } from "../../../app/store/refresh-token-ids.server";
import { createRevocations } from "../../../app/store/revocations.server";
import { createSessionEnds } from "../../../app/store/session-ends.server";
import { createSessions } from "../../../app/store/sessions.server";
import { createSignIns } from "../../../app/store/sign-ins.server";
import { databaseClock } from "../../../app/store/store-parts.server";
import { createTokens } from "../../../app/store/tokens.server";
import { createUserChanges } from "../../../app/store/user-changes.server";
import { createUsers } from "../../../app/store/users.server";
import { describeOnBoth, type TestDatabase } from "../../support/databases";
import { ADA, DAY, NOW, signedIn, signIn } from "../../support/sign-in-fixture";
import { EVER, insertMarks, insertSessions, LIMITS } from "./fixtures";

const MANY = 100_000;

/** A store whose statements are noted, with the plans by which the database would do them. */
function planned(database: TestDatabase) {
  const asked = new WeakMap<object, RootOperationNode>();
  const done: [RootOperationNode, QueryId][] = [];
  const noting: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      asked.set(queryId, node);
      return node;
    },
    // A part of another statement has no result of its own.
    async transformResult({ result, queryId }) {
      const node = asked.get(queryId);
      if (node) done.push([node, queryId]);
      return result;
    },
  };
  const plain = connect(database.url(), database.engine, { ms: 60_000 }, 60_000);
  const now = databaseClock(database.engine, { now: () => NOW });
  const db = plain.withPlugin(noting);
  const parts = {
    db,
    attempt: <Result>(work: () => Promise<Result>) => work(),
    random: systemRandom,
    now,
  };
  return {
    store: {
      ...createSessions(parts),
      ...createSignIns(parts),
      ...createRefreshClaims(parts),
      ...createSessionEnds(parts),
      ...createRecentEnds(parts),
      ...createTokens(parts),
      ...createUsers(parts),
      ...createUserChanges(parts),
      ...createRevocations(parts),
      ...createPruning(parts),
    },
    /** The plans of the statements since the last time, one text each. */
    async plans() {
      const explain = database.engine === "postgres" ? "explain " : "explain query plan ";
      const plans = [];
      for (const [node, queryId] of done.splice(0)) {
        const { sql, parameters } = plain.getExecutor().compileQuery(node, queryId);
        const rows = await explained(database, explain + sql, [...parameters]);
        const steps = rows.map((row) => String(row["QUERY PLAN"] ?? row.detail));
        plans.push(`${sql}\n${steps.join("\n")}`);
      }
      return plans;
    },
    close: () => plain.destroy(),
  };
}

async function explained(database: TestDatabase, sql: string, parameters: unknown[]) {
  type Rows = Record<string, unknown>[];
  if (database.engine === "sqlite") {
    const file = new Database(database.url().slice("file:".length));
    const rows = file.prepare(sql).all(parameters) as Rows;
    file.close();
    return rows;
  }
  const client = new pg.Client({ connectionString: database.url() });
  await client.connect();
  const { rows } = await client.query<Rows[number]>(sql, parameters);
  await client.end();
  return rows;
}

/** Reading a table from end to end. The marks that aren’t swept have an index of their own. */
const WHOLE_TABLE = /Seq Scan on latchkey_\w+|SCAN (?!CONSTANT|.*_unswept)\w+/;
/** For a thousand rows of a hundred thousand PostgreSQL may well prefer to read them all. */
const MANY_WANTED = /Hash Semi Join/;

describeOnBoth("With a hundred thousand sessions and marks", (database) => {
  const open = async () => {
    const store = await database.open();
    await signedIn(store, "s1");
    await signedIn(store, "s2");
    await insertSessions(database, MANY, { startedAt: `${NOW - DAY} + n`, people: MANY / 4 });
    await insertMarks(database, MANY / 2);
    if (database.engine === "postgres") await database.query("analyze");
    return store;
  };

  it("FE-3 FE-4 each statement finds its rows through an index", async () => {
    await open();
    const { store, plans, close } = planned(database);
    const renewed = {
      sealed: { access: "access", refresh: "refresh" },
      refreshTokenIds: refreshTokenIds("t"),
      replaces: "hash-7",
    };
    const claim = { id: "s1", generation: 0, holder: "h", leaseMs: 99, seenAt: NOW };
    const only = { generation: 9, refreshTokenHash: "other" };
    const all = {
      read: () => store.readSession("s1"),
      touch: () => store.touchSession({ id: "s1", seenAt: NOW }),
      list: () => store.listSessions({ ...ADA, ...EVER }),
      tokens: () => store.tokensOf({ ...ADA, ...EVER }),
      signIn: () => store.recordSignIn(signIn("s3")),
      claim: () => store.claimRefresh(claim),
      publish: () => store.publishRefresh({ id: "s1", generation: 0, ...renewed }),
      publishSame: () =>
        store.publishRefresh({ id: "s1", generation: 1, ...renewed, replaces: null }),
      release: () => store.releaseRefresh({ id: "s1", holder: "h" }),
      forget: () => store.forgetRefreshToken({ hash: "hash-9" }),
      forgetPrefix: () => store.forgetRefreshToken({ prefixHash: "prefix-10" }),
      ends: () => store.endsSince(NOW - 60_000),
      end: () => store.endSession({ id: "s2", reason: "r" }),
      endOnly: () => store.endSession({ id: "s1", reason: "r", only }),
      endUnknown: () => store.endSession({ id: "s0", reason: "r", startedAt: NOW }),
      endByHandle: () => store.endSessionByHandle({ ...ADA, handle: "handle-3", reason: "r" }),
      endPersons: () => store.endSessions({ ...ADA, reason: "r", except: "s3" }),
      disable: () => store.setUserDisabled({ ...ADA, disabled: true, reason: "r" }),
      delete: () => store.deleteUser({ ...ADA, reason: "r" }),
      revocation: () => store.takeRevocation(() => 1),
      endAll: () => store.endAllSessions({ reason: "r" }),
      prune: () => store.prune(LIMITS),
    };
    for (const [name, call] of Object.entries(all)) {
      await call();
      for (const plan of await plans()) {
        // Tables that are empty here; and how many live sessions there are is counted where it is told.
        if (/latchkey_(revocations|rate_limits|security_events)|count\(/.test(plan)) continue;
        if (MANY_WANTED.test(plan)) continue;
        expect.soft(plan, name).not.toMatch(WHOLE_TABLE);
      }
    }
    await close();
  });

  it("FE-3 a claim takes as long as with ten", async () => {
    const store = await open();
    const timed = async () => {
      const times = [];
      for (let round = 0; round < 30; round++) {
        const began = performance.now();
        await store.claimRefresh({
          id: "s1",
          generation: 0,
          holder: "h",
          leaseMs: 99,
          seenAt: NOW,
        });
        times.push(performance.now() - began);
        await store.releaseRefresh({ id: "s1", holder: "h" });
      }
      return times.sort((a, b) => a - b)[15] ?? 0;
    };
    const withMany = await timed();
    await database.query("delete from latchkey_end_marks");
    await database.query("delete from latchkey_sessions where id_hash like 'other%'");
    if (database.engine === "postgres") await database.query("vacuum analyze");
    const withFew = await timed();
    // What a scan of them all would take is far above this.
    expect(withMany).toBeLessThan(3 * withFew + 5);
  });
});
