import { exchange, type Http, jsonObject } from "./http.server";

/**
 * What Google says of an access token.
 *
 * - `valid`: it is `sub`'s, issued to our client, until `expiresAt` (ms).
 * - `invalid`: not a token, one that has ended, or somebody else’s client’s.
 * - `unavailable`: Google can’t be asked now.
 */
export type TokenInfo =
  | { kind: "valid"; sub: string; expiresAt: number }
  | { kind: "invalid" }
  | { kind: "unavailable" };

/**
 * Asks tokeninfo about an access token, in the body of a POST: an address would end up in logs.
 * https://developers.google.com/identity/sign-in/web/backend-auth#calling-the-tokeninfo-endpoint
 */
export async function fetchTokenInfo(
  http: Http,
  url: string,
  accessToken: string,
  clientId: string,
): Promise<TokenInfo> {
  const body = new URLSearchParams({ access_token: accessToken });
  const answer = await exchange(http, { url, method: "POST", body });
  if (answer.kind === "no_answer") return { kind: "unavailable" };
  // An unknown token is 400 at Google, 401 elsewhere.
  if (answer.status === 400 || answer.status === 401) return { kind: "invalid" };
  const info = answer.status === 200 ? jsonObject(answer.body) : null;
  return info === null ? { kind: "unavailable" } : judgeTokenInfo(info, clientId, http.clock.now());
}

/** All that Google calls the client of a token, in this version and the one before. */
const CLIENT_NAMES = ["aud", "azp", "audience", "issued_to"];

/**
 * Whether the token is for us: whatever names its client has to name ours, or a token that somebody
 * gave to another app would open this one.
 *
 * @param now in ms.
 */
export function judgeTokenInfo(
  info: Record<string, unknown>,
  clientId: string,
  now: number,
): TokenInfo {
  const clients = CLIENT_NAMES.map((name) => info[name]).filter((client) => client !== undefined);
  const ours = clients.length > 0 && clients.every((client) => client === clientId);
  const sub = info.sub ?? info.user_id;
  const expiresAt = endOf(info, now);
  if (!ours || typeof sub !== "string" || sub === "" || expiresAt <= now) {
    return { kind: "invalid" };
  }
  return { kind: "valid", sub, expiresAt };
}

/** The token’s end in ms; 0 where nothing tells it. Google writes numbers as strings. */
function endOf({ exp, expires_in }: Record<string, unknown>, now: number): number {
  const [end, left] = [seconds(exp), seconds(expires_in)];
  if (end !== null) return end * 1000;
  return left === null ? 0 : now + left * 1000;
}

function seconds(value: unknown): number | null {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^\d{1,12}$/.test(text) ? Number(text) : null;
}
