import type { KoaContextWithOIDC, Provider } from "oidc-provider";
import { apiCaller } from "./api-caller";
import { FEATURES, TEACH_IT } from "./features";
import type { GoogleState } from "./google-state";
import { bodyOf } from "./request-body";

const API_ORIGIN = "https://www.googleapis.com";

/**
 * The address at Google that a call here is meant for: apps ask for hosts of Google’s other than its
 * API origin under a path of the host’s name.
 */
function addressAtGoogle(pathAndQuery: string): string {
  const [, host, rest] = /^\/([a-z\d.-]+\.googleapis\.com)(\/.*)$/.exec(pathAndQuery) ?? [];
  return host === undefined ? API_ORIGIN + pathAndQuery : `https://${host}${rest}`;
}

function stubsAt(path: string) {
  const address = addressAtGoogle(path);
  return FEATURES.flatMap(({ scope, api = {} }) =>
    Object.entries(api)
      .map(([at, answer]) => ({ scope, answer, at: new URL(at, API_ORIGIN).href }))
      .filter(({ at }) => address === at || (at.endsWith("/") && address.startsWith(at))),
  );
}

export function hasStub(path: string): boolean {
  return stubsAt(path).length > 0;
}

/** Answers a call of an API with the stub that a feature has of it. */
export async function stubApi(
  provider: Provider,
  state: GoogleState,
  ctx: KoaContextWithOIDC,
): Promise<void> {
  const stubs = stubsAt(ctx.path);
  const needed = stubs.map(({ scope }) => scope);
  const account = await apiCaller(provider, state, ctx, needed);
  const [stub] = stubs;
  if (!account || !stub) return;
  const { method } = ctx;
  const request = new Request(addressAtGoogle(ctx.url), {
    method,
    headers: { "Content-Type": ctx.get("content-type") },
    body: ["GET", "HEAD"].includes(method) ? null : new Uint8Array(bodyOf(ctx.req)),
  });
  const answer = stub.answer(request, account);
  ctx.body = Buffer.from(await answer.arrayBuffer());
  ctx.status = answer.status;
  ctx.set(Object.fromEntries(answer.headers));
}

/** A call of an API that nobody has taught. */
export function unknownApi(state: GoogleState, ctx: KoaContextWithOIDC): void {
  const asked = addressAtGoogle(ctx.path).replace(`${API_ORIGIN}/`, "/");
  const message = `The local Google has no ${asked}. ${TEACH_IT}`;
  state.tell(message);
  ctx.status = 404;
  ctx.body = { error: { code: 404, message, errors: [{ message, reason: "notFound" }] } };
}
