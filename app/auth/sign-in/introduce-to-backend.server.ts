import type { Session } from "../../session/session.server";
import type { RequestContext } from "../request-context.server";
import { SignInFailure } from "./sign-in-error";

/**
 * Asks one's own API server whether a person may come in, before anything is kept of them.
 *
 * @returns null when they may, or where there is no such server; else why the sign-in is refused.
 */
export async function introduceToBackend(
  { app }: RequestContext,
  { user, tokens }: Session,
): Promise<SignInFailure | null> {
  if (app.backend === null) return null;
  const { id, name, email, picture: image } = user;
  switch (await app.backend.admit({ id, name, email, image }, tokens.accessToken)) {
    case "admitted":
      return null;
    case "refused":
      return new SignInFailure("not_allowed", "refused_by_backend");
    case "unavailable":
      return new SignInFailure("server_error", "backend_unavailable");
  }
}
