import { type RefreshTokenId, refreshTokenIdFromEvent } from "../../store/refresh-token-ids.server";
import type { UserKey } from "../../store/store-parts.server";

/**
 * What an event asks for.
 *
 * - `end_sessions`: their tokens are deleted with them.
 * - `none`: nothing that this app knows, or about somebody whom another issuer names.
 */
export type SecurityAction =
  | { kind: "end_sessions" | "block_sign_in" | "allow_sign_in" | "require_step_up"; who: UserKey }
  | { kind: "forget_refresh_token"; token: RefreshTokenId }
  | { kind: "note_verification"; hasState: boolean }
  | { kind: "none"; cause: "unknown_type" | "unknown_subject" };

const RISC = "https://schemas.openid.net/secevent/risc/event-type/";
const OAUTH = "https://schemas.openid.net/secevent/oauth/event-type/";

/** An event’s type in a word, such as `account-disabled`; `unknown` for one that nobody has defined. */
export function securityEventKind(type: string): string {
  const kind = type.slice(type.lastIndexOf("/") + 1);
  return type.startsWith(RISC) || type.startsWith(OAUTH) ? kind : "unknown";
}

/** What is to be done about one event: Google’s table of required and suggested answers (SO-20). */
export function decideSecurityEvent(
  type: string,
  payload: Readonly<Record<string, unknown>>,
  issuer: string,
): SecurityAction {
  const subject = isObject(payload.subject) ? payload.subject : {};
  switch (type) {
    case `${RISC}sessions-revoked`:
    case `${OAUTH}tokens-revoked`:
      return about(subject, issuer, "end_sessions");
    case `${OAUTH}token-revoked`:
      return forget(subject);
    case `${RISC}account-disabled`:
      return about(
        subject,
        issuer,
        payload.reason === "hijacking" ? "end_sessions" : "block_sign_in",
      );
    case `${RISC}account-enabled`:
      return about(subject, issuer, "allow_sign_in");
    case `${RISC}account-credential-change-required`:
      return about(subject, issuer, "require_step_up");
    case `${RISC}verification`:
      return { kind: "note_verification", hasState: typeof payload.state === "string" };
    default:
      return { kind: "none", cause: "unknown_type" };
  }
}

function about(
  { iss, sub }: Readonly<Record<string, unknown>>,
  issuer: string,
  kind: Extract<SecurityAction, { who: UserKey }>["kind"],
): SecurityAction {
  const sameIssuer = iss === issuer || iss === `${issuer}/` || `${String(iss)}/` === issuer;
  return sameIssuer && typeof sub === "string" && sub !== ""
    ? { kind, who: { issuer, sub } }
    : { kind: "none", cause: "unknown_subject" };
}

function forget({
  token_identifier_alg: algorithm,
  token,
}: Readonly<Record<string, unknown>>): SecurityAction {
  const id =
    typeof algorithm === "string" && typeof token === "string"
      ? refreshTokenIdFromEvent(algorithm, token)
      : null;
  return id === null
    ? { kind: "none", cause: "unknown_subject" }
    : { kind: "forget_refresh_token", token: id };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
