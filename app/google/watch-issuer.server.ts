import type { Clock } from "../config/clock.server";
import type { Log } from "../config/log.server";
import type { EndpointsResult } from "./endpoints.server";

const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 600_000;

/**
 * Looks whether the issuer’s metadata can be used, before anybody signs in: what is wrong with
 * `GOOGLE_ISSUER` itself was said at start, the rest can only be learnt there. An alarm tells each
 * reason once; then it goes on trying quietly until the metadata is good or `signal` aborts. Google’s
 * own endpoints are built in, so nothing is asked for them.
 */
export async function watchIssuer(
  { endpoints, clock, log }: { endpoints(): Promise<EndpointsResult>; clock: Clock; log: Log },
  signal: AbortSignal,
): Promise<void> {
  const aborted = new Promise<null>((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  let told: string | null = null;
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs *= 2) {
    // A stop doesn’t wait for the issuer’s answer.
    const found = await Promise.race([endpoints(), aborted]);
    if (found === null) return;
    if (found.ok) {
      if (told !== null) log.info("issuer_usable");
      return;
    }
    if (told !== found.error) {
      log.error("issuer_unusable", { cause: `discovery_${found.error}`, alarm: true });
      told = found.error;
    }
    await clock.sleep(Math.min(pauseMs, LONGEST_PAUSE_MS), signal);
  }
}
