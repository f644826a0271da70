import { type ApiOrigins, resolveApiAddress } from "./api-address.server";
import { type ApiAnswer, type GoogleResult, judgeApiAnswer } from "./api-answer.server";
import { exchange, type Http, type HttpRequest } from "./http.server";

/** A call to one of Google’s APIs. */
export interface ApiRequest extends Omit<HttpRequest, "url"> {
  /** A path on Google’s API origin such as `/calendar/v3/…`, or a whole address of a feature’s API. */
  address: string;
}

/** An access token, and the scopes that it has. */
export interface ApiGrant {
  accessToken: string;
  scopes: readonly string[];
}

/** A call in the name of the person who is signed in, whose token the caller never sees. */
export type GoogleFetch = (
  address: string,
  init?: Omit<ApiRequest, "address">,
) => Promise<GoogleResult>;

/** An API’s answer may be a page of a list. More than this is not read. */
const MAX_BYTES = 1_048_576;

/** Ours to set; whatever a caller hands on of a request must not reach Google. */
const NOT_THE_CALLERS = new Set(["authorization", "cookie", "host"]);

/**
 * Calls an API with an access token, in the `Authorization` header only (RFC 6750 section 2.1), with
 * a deadline, a bounded body, and no redirect followed. Never throws.
 *
 * @param origins where the token may go, whatever found its way into the address.
 */
export async function callApi(
  http: Http,
  origins: ApiOrigins,
  { accessToken, scopes }: ApiGrant,
  { address, headers = {}, ...request }: ApiRequest,
): Promise<ApiAnswer> {
  const where = resolveApiAddress(address, scopes, origins);
  if (where.kind !== "allowed") {
    return { ok: false, code: where.kind, status: null, retryAfterMs: null };
  }
  const kept = Object.entries(headers).filter(([name]) => !NOT_THE_CALLERS.has(name.toLowerCase()));
  const answer = await exchange(
    http,
    {
      ...request,
      url: where.url,
      headers: { ...Object.fromEntries(kept), Authorization: `Bearer ${accessToken}` },
    },
    { maxBytes: MAX_BYTES },
  );
  return judgeApiAnswer(answer);
}
