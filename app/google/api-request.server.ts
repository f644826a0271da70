import { type ApiAnswer, type GoogleResult, judgeApiAnswer } from "./api-answer.server";
import { exchange, type Http, type HttpRequest } from "./http.server";

/** A call to one of Google's APIs. */
export interface ApiRequest extends Omit<HttpRequest, "url"> {
  /** A path on Google's API origin such as `/calendar/v3/…`, or a whole URL of an allowed origin. */
  address: string;
}

/** A call in the name of the person who is signed in, whose token the caller never sees. */
export type GoogleFetch = (
  address: string,
  init?: Omit<ApiRequest, "address">,
) => Promise<GoogleResult>;

/** An API's answer may be a page of a list. More than this is not read. */
const MAX_BYTES = 1_048_576;

/** Ours to set; whatever a caller hands on of a request must not reach Google. */
const NOT_THE_CALLERS = new Set(["authorization", "cookie", "host"]);

/**
 * The URL that a call goes to, or null when it is none of the allowed origins: an access token is
 * sent there only, whatever found its way into the address (DA-06).
 */
export function apiUrl(address: string, origins: readonly string[]): string | null {
  const [base] = origins;
  if (!URL.canParse(address, base)) return null;
  const url = new URL(address, base);
  if (url.username !== "" || url.password !== "") return null;
  return origins.includes(url.origin) ? url.href : null;
}

/**
 * Calls an API with an access token, in the `Authorization` header only (RFC 6750 section 2.1), with
 * a deadline, a bounded body, and no redirect followed. Never throws.
 *
 * @param origins where the token may go; the first is that of addresses without one.
 */
export async function callApi(
  http: Http,
  origins: readonly string[],
  accessToken: string,
  { address, headers = {}, ...request }: ApiRequest,
): Promise<ApiAnswer> {
  const url = apiUrl(address, origins);
  if (url === null) {
    return { ok: false, code: "address_not_allowed", status: null, retryAfterMs: null };
  }
  const kept = Object.entries(headers).filter(([name]) => !NOT_THE_CALLERS.has(name.toLowerCase()));
  const answer = await exchange(
    http,
    {
      ...request,
      url,
      headers: { ...Object.fromEntries(kept), Authorization: `Bearer ${accessToken}` },
    },
    { maxBytes: MAX_BYTES },
  );
  return judgeApiAnswer(answer);
}
