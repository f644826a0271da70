import type { KoaContextWithOIDC } from "oidc-provider";
import { answerApiError } from "./api-errors";
import type { Endpoint } from "./call-log";
import { dripAnswer, hangUp, hugeAnswer } from "./fault-streams";
import type { Fault } from "./faults";
import type { JsonObject } from "./google-answers";
import type { GoogleState } from "./google-state";
import { flawedIdToken } from "./id-token-flaws";

/** Answers a request of the app’s: for real, or with the fault that is set for its endpoint. */
export async function answerWithFaults(
  state: GoogleState,
  endpoint: Endpoint,
  ctx: KoaContextWithOIDC,
  answerForReal: () => Promise<void>,
): Promise<void> {
  const fault = endpoint === "authorize" ? undefined : state.faults.take(endpoint);
  if (!fault) return answerForReal();
  switch (fault.kind) {
    case "status":
      return answerStatus(ctx, fault);
    case "oauth-error":
      return answerOAuthError(ctx, fault);
    case "api-error":
      answerApiError(ctx, fault.reason);
      if (fault.retryAfterSeconds !== undefined) {
        ctx.set("Retry-After", String(fault.retryAfterSeconds));
      }
      return;
    case "html":
      return answerStatus(ctx, {
        kind: "status",
        status: 200,
        contentType: "text/html; charset=utf-8",
        body: "<!doctype html><title>Sorry</title><h1>User Rate Limit Exceeded</h1>",
      });
    case "empty":
      return answerStatus(ctx, { kind: "status", status: 200, body: "" });
    case "huge":
      return hugeAnswer(ctx, fault.bytes);
    case "drip":
      return dripAnswer(ctx, state.faults, fault.everyMs ?? 50);
    case "reset":
      return hangUp(ctx);
    case "reset-after":
      await answerForReal();
      return hangUp(ctx);
    case "hang":
      await state.faults.released(ctx.req.socket);
      return hangUp(ctx);
    case "hold":
      await answerForReal();
      return state.faults.released(ctx.req.socket);
    case "truncated":
      await answerForReal();
      return truncate(ctx);
    case "rewrite":
    case "merge":
    case "id-token":
      await answerForReal();
      return edit(state, ctx, fault);
    case "callback":
    case "callback-params":
      return answerForReal();
  }
}

function answerStatus(ctx: KoaContextWithOIDC, fault: Extract<Fault, { kind: "status" }>): void {
  const { status, body = "", headers = {}, contentType } = fault;
  ctx.status = status;
  ctx.body = body;
  // Koa takes a body away from statuses that have none; set again for those that do.
  ctx.status = status;
  ctx.set("Content-Type", contentType ?? "application/json; charset=utf-8");
  ctx.set(headers);
}

function answerOAuthError(
  ctx: KoaContextWithOIDC,
  fault: Extract<Fault, { kind: "oauth-error" }>,
): void {
  ctx.status = fault.status ?? 400;
  ctx.body = {
    error: fault.error,
    ...(fault.description === undefined ? {} : { error_description: fault.description }),
    ...(fault.subtype === undefined ? {} : { error_subtype: fault.subtype }),
  };
}

function truncate(ctx: KoaContextWithOIDC): void {
  const whole = JSON.stringify(ctx.body ?? {});
  const { status } = ctx;
  ctx.body = whole.slice(0, Math.ceil(whole.length / 2));
  ctx.status = status;
  ctx.set("Content-Type", "application/json; charset=utf-8");
}

async function edit(
  state: GoogleState,
  ctx: KoaContextWithOIDC,
  fault: Extract<Fault, { kind: "rewrite" | "merge" | "id-token" }>,
): Promise<void> {
  const body = structuredClone(ctx.body as JsonObject);
  if (fault.kind === "rewrite") ctx.body = fault.change(body) ?? body;
  else if (fault.kind === "merge") ctx.body = merged(body, fault.merge);
  else if (typeof body.id_token === "string") {
    const idToken = await flawedIdToken(state, body.id_token, fault.flaw);
    const { id_token: _real, ...rest } = body;
    ctx.body = idToken === undefined ? rest : { ...rest, id_token: idToken };
  }
}

function merged(body: JsonObject, over: JsonObject): JsonObject {
  const members = Object.entries({ ...body, ...over });
  return Object.fromEntries(members.filter(([, value]) => value !== null));
}
