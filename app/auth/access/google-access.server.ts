import { apiName } from "../../google/api-address.server";
import type { ApiAnswer, GoogleProblem, GoogleResult } from "../../google/api-answer.server";
import type { GoogleFetch } from "../../google/api-request.server";
import type { Google } from "../../google/google.server";
import type { ProfileResult } from "../../google/userinfo.server";
import type { EndReason } from "../../session/end-reason";
import type { SessionTokens, SessionUser } from "../../session/session.server";
import type { RefreshObstacle } from "../refresh/refresh-outcome";
import type { ApiPauses } from "./api-pauses.server";
import { googleUnavailable } from "./google-unavailable.server";
import {
  type WithAccessTokenContext,
  type WithToken,
  withAccessToken,
} from "./with-access-token.server";

/** What of a request’s context this needs. */
export type GoogleAccessContext = WithAccessTokenContext & {
  app: { google: Pick<Google, "callApi" | "fetchProfile">; apiPauses: ApiPauses };
};

/** Google’s APIs in the person’s name. The tokens themselves stay in here. */
export interface GoogleAccess {
  /**
   * Calls one of Google’s APIs: `address` is a path on `GOOGLE_API_ORIGIN`, or a whole address of an
   * API of a feature that the person has allowed (`FEATURES`). Ends within seconds, follows no redirect,
   * and answers with a code instead of throwing when Google fails. A refused token is renewed once and
   * the call made again.
   *
   * @throws the same redirect as `requireUser`, when Google says that the grant is dead.
   */
  fetch: GoogleFetch;
  /**
   * The access token, for what `fetch` can’t serve, such as a library of Google’s: in an
   * `Authorization` header, to Google’s hosts only, and never to the page.
   *
   * @throws a 503 Response with `Retry-After` while there is none that works; like `fetch` otherwise.
   */
  accessToken(): Promise<string>;
  /** The profile as Google tells it now; `unavailable` while Google can’t be asked, or may not be. */
  fetchProfile(): Promise<ProfileResult | { status: "unavailable"; cause: RefreshObstacle }>;
}

/** @param whenEnded what to throw when the session turns out to have ended; null throws nothing. */
export function googleAccess(
  context: GoogleAccessContext,
  user: SessionUser,
  whenEnded: ((reason: EndReason | null) => Response) | null,
): GoogleAccess {
  const { app, log } = context;

  async function authorised<Answer>(
    call: (tokens: SessionTokens) => Promise<Answer>,
    isRefused: (answer: Answer) => boolean,
  ): Promise<WithToken<Answer>> {
    const outcome = await withAccessToken(context, call, isRefused);
    if (outcome.kind === "ended" && whenEnded) throw whenEnded(outcome.reason);
    return outcome;
  }

  return {
    async fetch(address, init = {}) {
      const api = apiName(address);
      const pause = app.apiPauses.left(user, api);
      if (pause > 0) return failed("rate_limited", null, pause);
      const outcome = await authorised(
        (tokens) => app.google.callApi(tokens, { ...init, address }),
        (answer) => !answer.ok && answer.code === "token_refused",
      );
      const result = resultOf(outcome);
      if (result.ok) {
        app.apiPauses.answered(user, api);
        return result;
      }
      log.warn("google_api_failed", { api, cause: result.code });
      if (result.code !== "rate_limited") return result;
      return { ...result, retryAfterMs: app.apiPauses.limited(user, api, result.retryAfterMs) };
    },

    async accessToken() {
      const outcome = await authorised(
        async ({ accessToken }) => accessToken,
        () => false,
      );
      if ("answer" in outcome) return outcome.answer;
      throw googleUnavailable(outcome.kind === "no_token" ? outcome.retryAfterMs : 0);
    },

    async fetchProfile() {
      const outcome = await authorised(
        ({ accessToken }) => app.google.fetchProfile(accessToken, user.id),
        (profile) => profile.status === "unavailable" && profile.cause === "refused",
      );
      if (outcome.kind === "no_token") return { status: "unavailable", cause: outcome.obstacle };
      if (outcome.kind === "ended") return { status: "unavailable", cause: "unreachable" };
      const profile = outcome.answer;
      if (profile.status === "unavailable") {
        log.warn("google_api_failed", { api: "userinfo", cause: profile.cause });
      }
      return profile;
    },
  };
}

function resultOf(outcome: WithToken<ApiAnswer>): GoogleResult {
  switch (outcome.kind) {
    case "ended":
      return failed("reauth_required", null, null);
    case "no_token":
      return failed("google_unavailable", null, outcome.retryAfterMs);
    case "refused":
      return failed("reauth_required", 401, null);
    case "answered": {
      const { answer } = outcome;
      if (answer.ok) return answer;
      const { code, status } = answer;
      // `answered` is never the token’s fault.
      if (code === "token_refused") return failed("reauth_required", status, null);
      return { ok: false, code, status, retryAfterMs: answer.retryAfterMs };
    }
  }
}

function failed(code: GoogleProblem, status: number | null, retryAfterMs: number | null) {
  return { ok: false, code, status, retryAfterMs } as const;
}
