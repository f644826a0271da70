import { createRequestHandler, type RequestHandler, type ServerBuild } from "@remix-run/node";
import type { Handler } from "hono";
import type { App, RequestContext } from "../auth/request-context.server";
import type { LogFields } from "../config/log-fields";
import type { Mode } from "../config/settings.server";
import { parseCookieHeader } from "../session/cookie-header.server";
import type { Pseudonyms } from "../session/pseudonyms.server";
import { RequestSession, type SessionParts } from "../session/request-session.server";
import { withGuardedActions } from "./guarded-actions.server";
import { guardedBody } from "./guarded-body.server";
import { nodeOf } from "./node-bindings";
import type { PipelineEnv } from "./pipeline-env";

export interface RemixStep {
  app: App;
  sessionParts: Omit<SessionParts, "log">;
  loadServerBuild: () => Promise<ServerBuild>;
}

/**
 * Makes the request’s session, lets Remix answer, and commits what changed: once, on whatever answer
 * came. A wrapper around the whole is the only place that reaches every kind of answer (ADR 0001).
 */
export function remixStep({ app, sessionParts, loadServerBuild }: RemixStep): Handler<PipelineEnv> {
  const handlerOf = handlers(app.settings.mode);
  return inRequestContext({ app, sessionParts }, async (request, context) => {
    const handle = handlerOf(await loadServerBuild());
    return handle(withoutLegacyData(request), context);
  });
}

/**
 * Remix’s handler of a build, made once: one that loads its build by itself makes the tables of all
 * routes anew for each request. In development an edit brings another build.
 */
function handlers(mode: Mode): (build: ServerBuild) => RequestHandler {
  const made = new WeakMap<ServerBuild, RequestHandler>();
  return (build) => {
    const handle = made.get(build) ?? createRequestHandler(withGuardedActions(build), mode);
    made.set(build, handle);
    return handle;
  };
}

/**
 * Answers with the request’s session at hand, and commits what changed. A thrown Response is an
 * answer, as in Remix.
 */
export function inRequestContext(
  { app, sessionParts }: Pick<RemixStep, "app" | "sessionParts">,
  answer: (request: Request, context: RequestContext) => Promise<Response>,
): Handler<PipelineEnv> {
  return async (hono) => {
    const request = publicRequest(hono.req.raw, app.settings.appOrigin);
    const cookies = parseCookieHeader(request.headers.get("Cookie"));
    const whose = namesFor(app.pseudonyms);
    const log = hono.get("log").child(() => whose(session.known));
    const session: RequestSession = new RequestSession({ ...sessionParts, log }, cookies);
    hono.set("log", log);
    const context: RequestContext = {
      app,
      asked: { method: request.method, url: new URL(request.url) },
      cookies,
      session,
      prefetch: isPrefetch(request.headers),
      requestId: hono.get("requestId"),
      clientAddress: hono.get("clientAddress"),
      log,
      nonce: hono.get("nonce"),
    };
    const answered = await answer(request, context).catch((thrown: unknown) => {
      if (isResponse(thrown)) return thrown;
      throw thrown;
    });
    const guard = { log: context.log, gone: request.signal, node: nodeOf(hono) };
    const body = answered.body && guardedBody(answered.body, guard);
    await session.confirm();
    return commit(answered, body, context);
  };
}

/** The log’s names of the person and the session, as soon as the request has asked for them. */
function namesFor(pseudonyms: Pseudonyms): (known: RequestSession["known"]) => LogFields {
  let named: { known: RequestSession["known"]; fields: LogFields } = { known: null, fields: {} };
  return (known) => {
    if (known !== null && known !== named.known) {
      const { issuer, id: sub } = known.user;
      const user = pseudonyms.ofUser({ issuer, sub });
      named = { known, fields: { user, session: pseudonyms.ofSession(known.id) } };
    }
    return named.fields;
  };
}

/** The answer with the session’s cookies, on a copy: a redirect’s headers can’t be changed. */
function commit(
  answer: Response,
  body: ReadableStream<Uint8Array> | null,
  { session }: RequestContext,
): Response {
  const headers = new Headers(answer.headers);
  for (const cookie of session.setCookies()) headers.append("Set-Cookie", cookie);
  // What was made for one person, or sets a cookie, is for no cache (SC-19, HC-05).
  headers.set("Cache-Control", "no-store");
  headers.append("Vary", "Cookie");
  return new Response(body, {
    status: answer.status,
    statusText: answer.statusText,
    headers,
  });
}

/**
 * The request as the public sees it: its origin comes from the settings, not from headers that
 * anybody can send. `Origin` has been judged by the gate; Remix’s own check, which would take it
 * from `Host` and answers 500, has nothing left to say.
 */
function publicRequest(request: Request, appOrigin: string): Request {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.set("Host", new URL(appOrigin).host);
  headers.delete("X-Forwarded-Host");
  headers.delete("Origin");
  return new Request(new URL(appOrigin + pathname + search), {
    method: request.method,
    headers,
    signal: request.signal,
    ...(request.body && { body: request.body, duplex: "half" }),
  });
}

/**
 * The request without `_data`, by which Remix asked for one loader’s data before single fetch. Remix
 * still obeys it, and calls each such request a mistake of the app’s. The rest of the query stays as
 * it came, byte for byte.
 */
function withoutLegacyData(request: Request): Request {
  const url = new URL(request.url);
  if (!url.searchParams.has("_data")) return request;
  const parts = url.search.slice(1).split("&");
  url.search = parts.filter((part) => !new URLSearchParams(part).has("_data")).join("&");
  return new Request(url, request);
}

/** https://wicg.github.io/nav-speculation/prefetch.html#sec-purpose-header, and what came before it. */
function isPrefetch(headers: Headers): boolean {
  const purposes = ["Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"];
  return purposes.some((name) => /\b(prefetch|prerender|preview)\b/i.test(headers.get(name) ?? ""));
}

/** @hono/node-server puts a `Response` of its own in the place of Node’s, which others are no instances of. */
function isResponse(thrown: unknown): thrown is Response {
  return Object.prototype.toString.call(thrown) === "[object Response]";
}
