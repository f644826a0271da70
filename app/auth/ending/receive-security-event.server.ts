import type { Log } from "../../config/log.server";
import type { Google } from "../../google/google.server";
import { readBounded } from "../../google/http.server";
import type { SecurityEventError } from "../../google/security-event.server";
import type { EndedSessions } from "../../session/ended-sessions.server";
import type { Pseudonyms } from "../../session/pseudonyms.server";
import type { Store } from "../../store/store.server";
import { applySecurityEvent } from "./apply-security-event.server";

/**
 * - `accepted`: done, now or already before.
 * - `refused`: it is no event for this app; `error` is a code of RFC 8935.
 * - `unavailable`: it couldn’t be checked or done. Google sends it again.
 */
export type SecurityEventReceived =
  | { kind: "accepted" }
  | { kind: "refused"; error: SecurityEventError; description: string }
  | { kind: "unavailable" };

/** One event has some 600 bytes. */
const MAX_BYTES = 65_536;

/** What of a request’s context this needs. */
export interface ReceiveSecurityEventContext {
  log: Log;
  app: {
    google: Pick<Google, "client" | "verifySecurityEvent">;
    store: Store;
    ended: EndedSessions;
    pseudonyms: Pseudonyms;
  };
}

/** Receives a security event that is pushed here (RFC 8935 2). */
export async function receiveSecurityEvent(
  request: Request,
  { app, log }: ReceiveSecurityEventContext,
): Promise<SecurityEventReceived> {
  const refuse = (error: SecurityEventError, description: string): SecurityEventReceived => {
    log.warn("security_event_refused", { error, cause: description });
    return { kind: "refused", error, description };
  };
  const [mediaType = ""] = (request.headers.get("Content-Type") ?? "").split(";");
  if (mediaType.trim().toLowerCase() !== "application/secevent+jwt") {
    return refuse("invalid_request", "The content type is not application/secevent+jwt.");
  }
  const body = await readBounded(request, MAX_BYTES);
  if (body === null) return refuse("invalid_request", "The body is too large.");

  const verified = await app.google.verifySecurityEvent(body.trim());
  if (!verified.ok) {
    if (verified.error !== "unavailable") return refuse(verified.error, verified.description);
    log.error("security_event_unavailable", { cause: "keys", alarm: true });
    return { kind: "unavailable" };
  }
  const { google, store, ended, pseudonyms } = app;
  const parts = { store, ended, log, pseudonyms };
  const applied = await applySecurityEvent(parts, google.client.issuer, verified.event);
  if (applied !== "unavailable") return { kind: "accepted" };
  log.error("security_event_unavailable", { cause: "store", alarm: true });
  return { kind: "unavailable" };
}
