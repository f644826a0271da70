import type { KoaContextWithOIDC, Provider } from "oidc-provider";
import { apiCaller } from "./api-caller";
import { FEATURES, TEACH_IT } from "./features";
import type { GoogleState } from "./google-state";
import { bodyOf } from "./request-body";

function stubsAt(path: string) {
  return FEATURES.flatMap(({ scope, api = {} }) =>
    Object.entries(api)
      .filter(([at]) => path === at || (at.endsWith("/") && path.startsWith(at)))
      .map(([, answer]) => ({ scope, answer })),
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
  const request = new Request(state.issuer + ctx.url, {
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
  const message = `The local Google has no ${ctx.path}. ${TEACH_IT}`;
  state.tell(message);
  ctx.status = 404;
  ctx.body = { error: { code: 404, message, errors: [{ message, reason: "notFound" }] } };
}
