import { exchange, type Http, jsonObject } from "./http.server";
import { allowedPicture } from "./picture";

/** A person’s profile as Google’s userinfo endpoint tells it now. */
export interface Profile {
  name: string;
  email: string;
  verified: boolean;
  picture: string | null;
}

/** `refused`: the access token is no good. `wrong_subject`: an answer about somebody else. */
export type ProfileResult =
  | ({ status: "ok" } & Profile)
  | { status: "unavailable"; cause: "unreachable" | "refused" | "wrong_subject" };

/**
 * Reads the profile with an access token, in the `Authorization` header only (RFC 6750 section 2.1).
 * An answer about anybody but `sub` is refused (OpenID Connect Core 5.3.2).
 */
export async function fetchProfile(
  http: Http,
  url: string,
  accessToken: string,
  sub: string,
): Promise<ProfileResult> {
  const answer = await exchange(http, { url, headers: { Authorization: `Bearer ${accessToken}` } });
  if (answer.kind === "answer" && answer.status === 401) return unavailable("refused");
  const body = answer.kind === "answer" && answer.status === 200 ? jsonObject(answer.body) : null;
  if (body === null) return unavailable("unreachable");
  if (body.sub !== sub) return unavailable("wrong_subject");
  return {
    status: "ok",
    name: text(body.name),
    email: text(body.email),
    verified: body.email_verified === true,
    picture: allowedPicture(text(body.picture)),
  };
}

function unavailable(cause: "unreachable" | "refused" | "wrong_subject"): ProfileResult {
  return { status: "unavailable", cause };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
