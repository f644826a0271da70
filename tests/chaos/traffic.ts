import type { Seeded } from "./seeded";
import type { ChaosServer } from "./server";

/** Leads requests to the servers that are there, as a load balancer does, and counts what became of them. */
export interface Traffic {
  /** @throws where no answer came. */
  send(request: Request, draw: Seeded): Promise<Response>;
  /** Takes a server out, or puts it back. */
  open(server: ChaosServer, isOpen: boolean): void;
  readonly requests: number;
  /** By status, or by what there was instead of an answer. */
  readonly answers: ReadonlyMap<string, number>;
}

/** Longer than anything that a request may wait for, on a machine that others use too. */
const ANSWERED_WITHIN_MS = 45_000;
export const NO_REASON = "broken, though its server was there";
export const NO_ANSWER = `no answer within ${ANSWERED_WITHIN_MS / 1000} s`;

export function createTraffic(servers: readonly ChaosServer[]): Traffic {
  const closed = new Set<ChaosServer>();
  const closedAt = new Map<ChaosServer, number>();
  const answers = new Map<string, number>();
  let requests = 0;
  const count = (what: string) => answers.set(what, (answers.get(what) ?? 0) + 1);

  return {
    answers,
    get requests() {
      return requests;
    },
    open(server, isOpen) {
      if (isOpen) closed.delete(server);
      else {
        closed.add(server);
        closedAt.set(server, Date.now());
      }
    },
    async send(request, draw) {
      const startedAt = Date.now();
      const [first, ...others] = servers.filter((server) => !closed.has(server));
      if (first === undefined) {
        count("no server was there");
        throw new Error("No server");
      }
      const server = draw.pick([first, ...others]);
      requests += 1;
      const limit = AbortSignal.timeout(ANSWERED_WITHIN_MS);
      try {
        const answer = await server.fetch(new Request(request, { signal: limit }));
        // Read to its end here, so that a body that breaks off counts as no answer.
        const body = [204, 304].includes(answer.status) ? null : await answer.arrayBuffer();
        count(String(answer.status));
        const whole = new Response(body, { status: answer.status, headers: answer.headers });
        return Object.assign(whole, { pid: server.pid });
      } catch (error) {
        const taken = closed.has(server) || (closedAt.get(server) ?? 0) >= startedAt;
        count(limit.aborted ? NO_ANSWER : taken ? "broken with its server" : NO_REASON);
        throw error;
      }
    },
  };
}
