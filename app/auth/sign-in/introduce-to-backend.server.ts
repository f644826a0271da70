import type { Backend } from "../../backend/backend.server";
import type { Session } from "../../session/session.server";
import { SignInFailure } from "./sign-in-error";

/**
 * Asks one’s own API server whether a person may come in, before anything is kept of them.
 *
 * @returns null when they may, or where there is no such server; else why the sign-in is refused.
 */
export async function introduceToBackend(
  backend: Backend | null,
  { user, tokens }: Session,
): Promise<SignInFailure | null> {
  if (backend === null) return null;
  const { id, name, email, picture: image } = user;
  switch (await backend.admit({ id, name, email, image }, tokens.accessToken)) {
    case "admitted":
      return null;
    case "refused":
      return new SignInFailure("not_allowed", "refused_by_backend");
    case "unavailable":
      return new SignInFailure("server_error", "backend_unavailable");
  }
}
