import type { RequestContext } from "./request-context.server";

/** When to try again what Google could not take just now; after that an operator has to. */
const PAUSES_MS = [5000, 30_000, 300_000, 3_600_000];

/**
 * Gives Google's grant back: once while the person waits, three seconds at most, and if that fails
 * again in the background (SO-07). The person's sign-out never fails for it.
 */
export async function revokeSoon(context: RequestContext, refreshToken: string): Promise<void> {
  if (await revoked(context, refreshToken)) return;
  context.app.background.run(async (stopping) => {
    for (const pauseMs of PAUSES_MS) {
      await context.app.clock.sleep(pauseMs, stopping);
      if (await revoked(context, refreshToken)) return;
      // There is no later any more.
      if (stopping.aborted) break;
    }
    context.log.error("authn_token_not_revoked", { alarm: true });
  });
}

async function revoked({ app, log }: RequestContext, refreshToken: string): Promise<boolean> {
  const result = await app.google.revoke(refreshToken);
  if (result.kind === "revoked") log.info("authn_token_revoked");
  else log.warn("token_revoke_failed", { cause: result.cause });
  return result.kind === "revoked";
}
