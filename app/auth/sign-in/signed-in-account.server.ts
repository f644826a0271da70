import type { RequestContext } from "../request-context.server";
import type { Account } from "./transaction.server";

/** Whose session this browser has, or null. Asks Google nothing. */
export function signedInAccount({ session }: RequestContext): Account | null {
  const state = session.read();
  if (state.status !== "active") return null;
  const { issuer, id } = state.session.user;
  return { issuer, sub: id };
}
