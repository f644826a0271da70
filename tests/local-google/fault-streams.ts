import { Readable } from "node:stream";
import type { KoaContextWithOIDC } from "oidc-provider";
import type { Faults } from "./faults";

/** Cuts the connection with no answer. */
export function hangUp(ctx: KoaContextWithOIDC): void {
  ctx.respond = false;
  ctx.req.socket.resetAndDestroy();
}

/** A body that never ends by itself: one space a time, which is even valid before JSON. */
export async function dripAnswer(
  ctx: KoaContextWithOIDC,
  faults: Faults,
  everyMs: number,
): Promise<void> {
  ctx.respond = false;
  ctx.res.writeHead(200, { "Content-Type": "application/json; charset=utf-8" });
  ctx.res.write("{");
  const timer = setInterval(() => ctx.res.write(" "), everyMs);
  await faults.released(ctx.req.socket);
  clearInterval(timer);
  ctx.req.socket.destroy();
}

export function hugeAnswer(ctx: KoaContextWithOIDC, bytes: number): void {
  const chunk = "x".repeat(64 * 1024);
  function* body() {
    yield '{"padding":"';
    for (let sent = 0; sent < bytes; sent += chunk.length) {
      yield chunk.slice(0, Math.min(chunk.length, bytes - sent));
    }
    yield '"}';
  }
  ctx.status = 200;
  ctx.body = Readable.from(body());
  ctx.set("Content-Type", "application/json; charset=utf-8");
}
