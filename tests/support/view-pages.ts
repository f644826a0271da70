import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { performance } from "node:perf_hooks";

export interface Page {
  path: string;
  /** `Host` and cookies, as a browser of one person’s sends them. */
  headers: Readonly<Record<string, string>>;
}

export interface Viewing {
  /** What came with another status than 200, or not at all. */
  failed: number;
  perSecond: number;
  /** A hundredth of the views took longer. */
  p99Ms: number;
}

/**
 * Asks the server at `port` of this machine for so many pages, in turn and each to its last byte, over
 * `connections` connections that are kept.
 */
export async function viewPages(
  port: number,
  { pages, views, connections }: { pages: readonly Page[]; views: number; connections: number },
): Promise<Viewing> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  let [asked, failed] = [0, 0];

  async function view({ path, headers }: Page): Promise<void> {
    const from = performance.now();
    const sent = request({ host: "127.0.0.1", port, path, headers, agent });
    sent.end();
    try {
      const [answer] = (await once(sent, "response")) as [IncomingMessage];
      answer.resume();
      await once(answer, "end");
      if (answer.statusCode !== 200) failed++;
    } catch {
      failed++;
    }
    times.push(performance.now() - from);
  }
  async function browse(): Promise<void> {
    while (asked < views) {
      const page = pages[asked++ % pages.length];
      if (page) await view(page);
    }
  }

  const from = performance.now();
  await Promise.all(Array.from({ length: connections }, browse));
  const seconds = (performance.now() - from) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  return {
    failed,
    perSecond: views / seconds,
    p99Ms: times[Math.floor(times.length * 0.99)] ?? 0,
  };
}
