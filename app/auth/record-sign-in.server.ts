import { absoluteEnd } from "../session/limits.server";
import type { Session } from "../session/session.server";
import { refreshTokenIds } from "../store/refresh-token-ids.server";
import { describeDevice } from "./describe-device.server";
import type { RequestContext } from "./request-context.server";
import { SignInFailure } from "./sign-in-error";

/**
 * Records the person and the session before the browser gets it: nobody is signed in whom the store
 * doesn't know, so that every session can be ended from anywhere.
 *
 * @returns null when it is recorded, else why the sign-in is refused.
 */
export async function recordSignIn(
  request: Request,
  { app }: RequestContext,
  session: Session,
): Promise<SignInFailure | null> {
  const { user, tokens } = session;
  const recorded = await app.store.recordSignIn({
    user: {
      issuer: user.issuer,
      sub: user.id,
      name: user.name,
      email: user.email,
      picture: user.picture,
    },
    session: {
      id: session.id,
      sealedTokens: app.storedTokens.seal(tokens),
      refreshTokenIds: refreshTokenIds(tokens.refreshToken),
      startedAt: session.startedAt,
      expiresAt: absoluteEnd(session, app.limits),
      ...describeDevice(request.headers.get("User-Agent")),
    },
    now: app.clock.now(),
  });
  switch (recorded.kind) {
    case "recorded":
      return null;
    case "disabled":
      return new SignInFailure("not_allowed", `disabled_by_${recorded.by}`);
    case "unavailable":
      return new SignInFailure("server_error", "database_unavailable");
  }
}
