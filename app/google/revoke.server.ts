import { exchange, type Http, jsonObject } from "./http.server";

/** `not_now`: the token may still live; ask again later. */
export type RevokeResult = { kind: "revoked" } | { kind: "not_now"; cause: string };

/** A person waits for it. */
const REVOKE_DEADLINE_MS = 3000;

/**
 * Gives the grant back (RFC 7009 section 2.1; Google’s revocation endpoint): the token in the POST
 * body. Google takes back everything that the project was granted, on all devices. A token that is
 * already dead counts as revoked (SO-07).
 */
export async function revokeToken(http: Http, url: string, token: string): Promise<RevokeResult> {
  const answer = await exchange(
    http,
    { url, method: "POST", body: new URLSearchParams({ token }) },
    { deadlineMs: REVOKE_DEADLINE_MS },
  );
  if (answer.kind === "no_answer") return { kind: "not_now", cause: answer.detail };
  if (answer.status === 200) return { kind: "revoked" };
  const dead = answer.status === 400 && jsonObject(answer.body)?.error === "invalid_token";
  return dead ? { kind: "revoked" } : { kind: "not_now", cause: `status_${answer.status}` };
}
