import type { Session } from "../../session/session.server";
import { refreshTokenIds } from "../../store/refresh-token-ids.server";
import type { RequestContext } from "../request-context.server";
import { describeDevice } from "./describe-device.server";
import { SignInFailure } from "./sign-in-error";

/**
 * Records the person and the session before the browser gets it: nobody is signed in whom the store
 * doesn't know, so that every session can be ended from anywhere.
 *
 * @returns the session as it began by the database's clock, or why the sign-in is refused.
 */
export async function recordSignIn(
  request: Request,
  { app }: RequestContext,
  session: Session,
): Promise<Session | SignInFailure> {
  const { user, tokens } = session;
  const recorded = await app.store.recordSignIn({
    user: {
      issuer: user.issuer,
      sub: user.id,
      name: user.name,
      email: user.email,
      picture: user.picture,
      hostedDomain: user.hostedDomain,
    },
    session: {
      id: session.id,
      sealed: app.storedTokens.seal(tokens),
      refreshTokenIds: refreshTokenIds(tokens.refreshToken),
      seenAt: session.lastSeenAt,
      ...describeDevice(request.headers.get("User-Agent")),
    },
  });
  switch (recorded.kind) {
    case "recorded":
      return { ...session, startedAt: recorded.startedAt };
    case "disabled":
      return new SignInFailure("not_allowed", `disabled_by_${recorded.by}`);
    case "unavailable":
      return new SignInFailure("server_error", "database_unavailable");
  }
}
