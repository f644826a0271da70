import type { SessionReport } from "../auth/read-session.server";

/** What the server says of the session. A newer server may know reasons that this page doesn’t. */
export type Report =
  | Extract<SessionReport, { status: "authenticated" }>
  | { status: "unauthenticated"; reason: string | null };

export type Person = Extract<SessionReport, { status: "authenticated" }>["user"];

/** What one tab tells the others: what the server said, and when. No secrets. Times in ms. */
export interface TabMessage {
  report: Report;
  /** Whether it ends for good at its `expiresAt`. */
  final: boolean;
  /** By the server’s clock, if it told. */
  now: number | null;
  /** By the clock of this machine, which all its tabs share; 0 when it isn’t known. */
  askedAt: number;
}

type Fields = Record<string, unknown>;

/** Those of an object; none of anything else. */
const fieldsOf = (value: unknown): Fields => Object(value);

const isText = (value: unknown) => typeof value === "string";
const isTime = (value: unknown) => Number.isFinite(value);

/**
 * The answer of `/api/session` if that is what `value` is, else null: a page of a hotel’s network, a
 * proxy’s error or another version’s answer is no word of the server’s. By hand, as zod would be
 * larger than all the rest that runs here.
 */
export function parseReport(value: unknown): Report | null {
  const { status, reason, user, expiresAt, accessTokenExpiresAt, features } = fieldsOf(value);
  const { id, name, email, picture } = fieldsOf(user);
  const good =
    status === "unauthenticated"
      ? reason === null || isText(reason)
      : status === "authenticated" &&
        [id, name, email].every(isText) &&
        (picture === null || isText(picture)) &&
        isTime(expiresAt) &&
        isTime(accessTokenExpiresAt) &&
        Array.isArray(features) &&
        features.every(isText);
  return good ? (value as Report) : null;
}

/** A message of another tab’s, or null for anything else that comes on the channel (CS-07). */
export function parseTabMessage(value: unknown): TabMessage | null {
  const { report, final, now, askedAt } = fieldsOf(value);
  const good = typeof final === "boolean" && isTime(askedAt) && (now === null || isTime(now));
  return good && parseReport(report) ? (value as TabMessage) : null;
}
