import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { START_PAGE } from "./plain-page.server";
import { refuse } from "./refusal.server";

/** The longest that a form of this app gets is some 10 KB; a security event has its own, smaller limit. */
const MAX_BYTES = 131_072;

/** Refuses bodies that would fill the memory, also such as don't say how long they are. */
export const limitedBody: MiddlewareHandler = bodyLimit({
  maxSize: MAX_BYTES,
  onError: (context) =>
    refuse(context, 413, "body_too_large", {
      title: "That is too much at once",
      message: "What was sent is larger than any form here. Please shorten it.",
      next: START_PAGE,
    }),
});
