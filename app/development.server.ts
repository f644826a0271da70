import { systemClock } from "./config/clock.server";
import { endOfLifeOfNode } from "./process/node-release.server";
import { fromEnvironment } from "./start.server";

/**
 * What outlives an edit: Vite loads this module anew after each one of the server’s files, and the
 * app of the old one would keep its database open.
 */
const outliving: typeof globalThis & { latchkeyBefore?: () => Promise<void> } = globalThis;

const stopping = new AbortController();
let running = 0;
let app: ReturnType<typeof fromEnvironment> | undefined;

async function open(): ReturnType<typeof fromEnvironment> {
  const before = outliving.latchkeyBefore;
  outliving.latchkeyBefore = async () => {
    stopping.abort();
    await closeWhenIdle();
  };
  if (before === undefined) warnOfOldNode();
  void before?.();
  return fromEnvironment("development", null, systemClock, stopping.signal);
}

function warnOfOldNode(): void {
  const endOfLife = endOfLifeOfNode(process.versions.node, systemClock.now());
  if (endOfLife !== null) process.stderr.write(`${endOfLife}\n`);
}

/** Its database is closed when what it has been asked is answered. */
async function closeWhenIdle(): Promise<void> {
  const opened = await app;
  if (!stopping.signal.aborted || running > 0 || !opened?.ok) return;
  await opened.latchkey.settled();
  await opened.store.close();
}

/** For Vite’s dev server, which asks for it request by request. */
export default {
  async fetch(request: Request, env?: object): Promise<Response> {
    app ??= open();
    running += 1;
    try {
      const opened = await app;
      if (!opened.ok) return new Response(opened.message, { status: 500 });
      return await opened.latchkey.fetch(request, env);
    } finally {
      running -= 1;
      void closeWhenIdle();
    }
  },
};
