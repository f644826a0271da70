import type { Session } from "../../session/session.server";
import type { GrantTokens, StoredTokens } from "../../session/stored-tokens.server";
import type { Store } from "../../store/store.server";

/** The refresh token that a session has by now: a late tab’s cookie may hold one that was replaced. */
export async function grantOf(
  { store, storedTokens }: { store: Store; storedTokens: StoredTokens },
  session: Session,
): Promise<GrantTokens> {
  const found = await store.readSession(session.id);
  const sealed = found.kind === "found" ? found.sealed : null;
  return (sealed && storedTokens.openGrant(sealed.refresh)) ?? session.tokens;
}
