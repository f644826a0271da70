import type { Backend } from "../../backend/backend.server";
import type { Random } from "../../config/random.server";
import type { Background } from "../../process/background.server";
import type { Pseudonyms } from "../../session/pseudonyms.server";
import type { RequestSession } from "../../session/request-session.server";
import type { Session } from "../../session/session.server";
import { type EndInStoreContext, endInStore } from "../ending/end-session.server";
import { newSession, recordSignIn } from "./begin-session.server";
import { type ChooseRefreshTokenContext, chooseRefreshToken } from "./choose-refresh-token.server";
import { claimSignIn } from "./claim-sign-in.server";
import { introduceToBackend } from "./introduce-to-backend.server";
import { noteRefusedSignIn } from "./note-refused-sign-in.server";
import { type SignInError, SignInFailure } from "./sign-in-error";
import { type SignInWithGoogleContext, signInWithGoogle } from "./sign-in-with-google.server";
import { type StartSignInContext, startGoogleSignIn } from "./start-google-sign-in.server";
import type { Transaction } from "./transaction.server";

/**
 * - `signed_in`: the session has begun; go to `returnTo`.
 * - `consent_needed`: Google sent no refresh token; `location` is the one extra round.
 * - `refused`: nothing changed; a session that was there still is.
 */
export type SignInFinished = { setCookies: string[] } & (
  | { kind: "signed_in"; returnTo: string; session: Session }
  | { kind: "consent_needed"; location: string }
  | { kind: "refused"; error: SignInError; returnTo: string | null }
);

/** What of a request’s context this needs. */
export type FinishSignInContext = ChooseRefreshTokenContext &
  EndInStoreContext &
  SignInWithGoogleContext &
  StartSignInContext & {
    session: RequestSession;
    app: {
      backend: Backend | null;
      random: Random;
      pseudonyms: Pseudonyms;
      background: Background;
      /** Sign-ins whose callback is being answered, by state. */
      finishing: Map<string, Promise<SignInFinished>>;
    };
  };

/** Parameters that decide something; twice the same one is an attack or a mistake (RFC 6749 3.1). */
const SINGLE_PARAMETERS = ["code", "state", "iss", "error"];

/**
 * Finishes a sign-in at the callback (OpenID Connect Core 3.1.3, RFC 9207).
 *
 * A callback that comes again while the first still runs (a reload, a double click) waits for it and
 * has the same outcome, the session’s cookie included: nobody knows whose answer the browser keeps.
 */
export async function finishGoogleSignIn(
  request: Request,
  context: FinishSignInContext,
): Promise<SignInFinished> {
  const { app, cookies } = context;
  const params = new URL(request.url).searchParams;
  if (SINGLE_PARAMETERS.some((name) => params.getAll(name).length > 1)) {
    return refuse(context, "invalid_response", "duplicate_parameter");
  }
  const found = app.transactions.take(params.get("state"), cookies);
  if (found.ok) {
    const { state } = found.transaction;
    const finishing = finishOnce(request, context, found).finally(() =>
      app.finishing.delete(state),
    );
    app.finishing.set(state, finishing);
    // The browser may have left this answer for the other one.
    return app.background.track(finishing);
  }
  const { error, cause, transaction, setCookies } = found;
  const finishing = app.finishing.get(transaction?.state ?? "");
  return finishing
    ? shareOutcome(context, finishing)
    : refuse(context, error, cause, { setCookies, returnTo: transaction?.returnTo });
}

async function shareOutcome(
  { session }: FinishSignInContext,
  finishing: Promise<SignInFinished>,
): Promise<SignInFinished> {
  // Opened before the other one ends it, so that it isn’t taken for a copy of an ended session.
  session.read();
  const finished = await finishing;
  if (finished.kind === "signed_in") session.begin(finished.session);
  return finished;
}

/**
 * The order is the point: nothing in the address is believed before the state is known, the code goes
 * nowhere before `iss` is checked, and no token is used before the ID token is.
 */
async function finishOnce(
  request: Request,
  context: FinishSignInContext,
  { transaction, setCookies }: { transaction: Transaction; setCookies: string[] },
): Promise<SignInFinished> {
  const { app, cookies } = context;
  const { returnTo } = transaction;
  if (!(await claimSignIn(app, transaction))) {
    return refuse(context, "expired", "transaction_replayed", { setCookies, returnTo });
  }
  const outcome = await signInWithGoogle(request, context, transaction);
  if (outcome instanceof SignInFailure) {
    return refuse(context, outcome.code, outcome.detail, { setCookies, returnTo });
  }
  const user = app.pseudonyms.ofUser(outcome.claims);

  const { feature, account, consentRound } = transaction;
  const { grant, scopes, release } = await chooseRefreshToken(context, outcome, transaction);
  if (grant === null) {
    await release?.();
    if (consentRound) {
      return refuse(context, "offline_access_missing", "no_refresh_token", {
        setCookies,
        returnTo,
        user,
      });
    }
    const consentFor = outcome.claims.sub;
    const start = await startGoogleSignIn(context, { returnTo, consentFor, feature, account });
    // It has been written down where it was found out.
    if (!start.ok) return { kind: "refused", error: start.error, setCookies, returnTo };
    const { location } = start;
    return { kind: "consent_needed", location, setCookies: [...setCookies, ...start.setCookies] };
  }
  const unrecorded = newSession(app, outcome.claims, { ...outcome.tokens, ...grant, scopes });
  const record = async () =>
    (await introduceToBackend(app.backend, unrecorded)) ??
    (await recordSignIn(request, context, unrecorded));
  // Nobody replaces the grant’s token before this session’s row has it, too.
  const session = await record().finally(release);
  if (session instanceof SignInFailure) {
    return refuse(context, session.code, session.detail, { setCookies, returnTo, user });
  }
  const previous = context.session.read();
  if (!context.session.begin(session)) {
    await endInStore(context, session, "signed_out");
    return refuse(context, "server_error", "session_too_large", { setCookies, returnTo, user });
  }
  context.log.info("authn_login_success");
  context.log.info("authn_token_created", { outcome: "signed_in", generation: 0 });
  context.log.info("session_created");
  if (previous.status === "active") {
    const { id } = previous.session;
    const replaced = { reason: "signed_out", cause: "signed_in_anew" };
    context.log.info("session_logout", { ...replaced, session: app.pseudonyms.ofSession(id) });
    await endInStore(context, previous.session, "signed_out");
  }
  return {
    kind: "signed_in",
    returnTo,
    session,
    setCookies: [...setCookies, ...app.hints.clear(cookies)],
  };
}

function refuse(
  context: FinishSignInContext,
  error: SignInError,
  cause: string,
  { user, ...rest }: { setCookies?: string[]; returnTo?: string | undefined; user?: string } = {},
): SignInFinished {
  noteRefusedSignIn(context.log, { error, cause, ...(user !== undefined && { user }) });
  return {
    kind: "refused",
    error,
    setCookies: rest.setCookies ?? [],
    returnTo: rest.returnTo ?? null,
  };
}
