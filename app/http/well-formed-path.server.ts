import type { MiddlewareHandler } from "hono";
import type { PipelineEnv } from "./pipeline-env";
import { START_PAGE } from "./plain-page.server";
import { refuse } from "./refusal.server";

/** A path that no decoder accepts is a mistake or a probe: said so here, before a router stumbles. */
export const wellFormedPath: MiddlewareHandler<PipelineEnv> = async (context, next) => {
  if (isWellFormed(new URL(context.req.url).pathname)) return next();
  context.get("log").warn("input_validation_fail", { cause: "malformed_path" });
  return refuse(context, 400, "malformed_address", {
    title: "This address is malformed",
    message: "It may be mistyped, or was cut off on its way to you.",
    next: START_PAGE,
  });
};

export function isWellFormed(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
