import type { SessionReport } from "../auth/read-session.server";
import { isEndReason } from "../session/end-reason";

export type Person = Extract<SessionReport, { status: "authenticated" }>["user"];

/** What one tab tells the others: what the server said, and when it was asked. No secrets. */
export interface TabMessage {
  version: 1;
  report: SessionReport;
  /** By the clock of this machine, which all its tabs share, in ms; 0 when it isn't known. */
  askedAt: number;
}

type Fields = Record<string, unknown>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

const isText = (value: unknown) => typeof value === "string";
const isTime = (value: unknown) => Number.isFinite(value);

/**
 * The answer of `/api/session` if that is what `value` is, else null: a page of a hotel's network, a
 * proxy's error or another version's answer is no word of the server's. By hand, as zod would be
 * larger than all the rest that runs here.
 */
export function parseReport(value: unknown): SessionReport | null {
  const { status, reason, user, expiresAt, accessTokenExpiresAt, features } = fieldsOf(value);
  const { id, name, email, picture } = fieldsOf(user);
  const good =
    status === "unauthenticated"
      ? reason === null || isEndReason(reason)
      : status === "authenticated" &&
        [id, name, email].every(isText) &&
        (picture === null || isText(picture)) &&
        isTime(expiresAt) &&
        isTime(accessTokenExpiresAt) &&
        Array.isArray(features) &&
        features.every(isText);
  return good ? (value as SessionReport) : null;
}

/** A message of another tab's, or null for anything else that comes on the channel (CS-07). */
export function parseTabMessage(value: unknown): TabMessage | null {
  const { version, report, askedAt } = fieldsOf(value);
  return version === 1 && isTime(askedAt) && parseReport(report) ? (value as TabMessage) : null;
}
