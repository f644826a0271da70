import { createHash, generateKeyPairSync, sign } from "node:crypto";
import type { Kernel } from "./kernel";

export const CLIENT = "simulated-client";
const ISSUER = "https://accounts.google.com";

/** How refresh tokens are given: for many uses, for one, or for one with some seconds of grace. */
export type TokenUse = "many" | "once" | "grace";
const GRACE_MS = 20_000;

/** What came of one grant: everything that one sign-in of a person’s was given, and what replaced it. */
interface Grant {
  sub: string;
  dead: boolean;
  /** An answer with a new token of it never reached a process that lived on. */
  lostAnswer: boolean;
}

interface RefreshToken {
  grant: Grant;
  usedAt: number | null;
  /** Whether the answer to its use has reached a process. */
  delivered: boolean;
  replacedBy: string | null;
}

export interface GoogleFaults {
  /** null: it answers as it should. */
  mode: () => null | "down" | "status_500" | "html" | "invalid_client" | "slow" | "reset";
  requestLost: () => boolean;
  answerLost: () => boolean;
  delay: () => number;
}

/** RSA for ID tokens: one for all runs, as no byte of it decides anything. */
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const KID = "simulated";

function jwt(claims: object, typ?: string): string {
  const header = { alg: "RS256", kid: KID, ...(typ && { typ }) };
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
}

/** A Google with its people, grants and tokens, as far as this app can tell it from the real one. */
export function createSimulatedGoogle(
  kernel: Kernel,
  options: {
    use: TokenUse;
    lifeMs: () => number;
    faults: GoogleFaults;
    report(rule: string, text: string): void;
  },
) {
  const { use, faults } = options;
  const codes = new Map<
    string,
    { sub: string; nonce: string; offline: boolean; grant: Grant | null }
  >();
  const refreshTokens = new Map<string, RefreshToken>();
  const accessTokens = new Map<string, { grant: Grant; endsAt: number; refused: boolean }>();
  const grants = new Map<string, Set<Grant>>();
  const consented = new Set<string>();
  let made = 0;
  let tokenCalls = 0;

  function newGrant(sub: string): Grant {
    const grant = { sub, dead: false, lostAnswer: false };
    grants.set(sub, (grants.get(sub) ?? new Set()).add(grant));
    return grant;
  }

  function newRefreshToken(grant: Grant): string {
    const value = `1//refresh-${++made}`;
    refreshTokens.set(value, { grant, usedAt: null, delivered: false, replacedBy: null });
    return value;
  }

  function tokensFor(grant: Grant, nonce: string | null, refreshToken: string | null) {
    const accessToken = `ya29.access-${++made}`;
    const lifeMs = options.lifeMs();
    accessTokens.set(accessToken, { grant, endsAt: kernel.now() + lifeMs, refused: false });
    const iat = Math.floor(kernel.now() / 1000);
    const half = createHash("sha256").update(accessToken).digest().subarray(0, 16);
    const claims = {
      iss: ISSUER,
      aud: CLIENT,
      azp: CLIENT,
      sub: grant.sub,
      iat,
      exp: iat + 3600,
      name: grant.sub,
      email: `${grant.sub}@example.com`,
      email_verified: true,
      at_hash: half.toString("base64url"),
      ...(nonce !== null && { nonce }),
    };
    return {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: lifeMs / 1000,
      scope: "openid email profile",
      ...(refreshToken !== null && { refresh_token: refreshToken }),
      // Of a refresh it isn’t verified, so that none has to be signed.
      id_token: nonce === null ? unsigned(claims) : jwt(claims),
    };
  }

  function refresh(
    token: string,
    process: string,
  ): { status: number; body: object; of?: RefreshToken } {
    const known = refreshTokens.get(token);
    tokenCalls += 1;
    kernel.note(`google is asked by ${process} with refresh token ${token.slice(11)}`);
    if (!known || known.grant.dead) return { status: 400, body: { error: "invalid_grant" } };
    if (use === "many") return { status: 200, body: tokensFor(known.grant, null, null) };
    if (known.usedAt !== null) {
      const inGrace = use === "grace" && kernel.now() - known.usedAt < GRACE_MS;
      if (inGrace)
        return { status: 200, body: tokensFor(known.grant, null, known.replacedBy), of: known };
      if (!known.grant.lostAnswer)
        options.report("one-use", `token ${token.slice(11)} was sent twice`);
      // Somebody has stolen it, for all that the provider knows (RFC 9700 4.14.2).
      known.grant.dead = true;
      return { status: 400, body: { error: "invalid_grant" } };
    }
    known.usedAt = kernel.now();
    known.replacedBy = newRefreshToken(known.grant);
    return { status: 200, body: tokensFor(known.grant, null, known.replacedBy), of: known };
  }

  function exchange(params: URLSearchParams) {
    const code = codes.get(params.get("code") ?? "");
    if (!code || code.grant) {
      // Shown twice: what it gave the first time is taken back (RFC 6749 4.1.2).
      if (code?.grant) {
        options.report("code", "a code was shown twice");
        code.grant.dead = true;
      }
      return { status: 400, body: { error: "invalid_grant" } };
    }
    const grant = [...(grants.get(code.sub) ?? [])].find((each) => !each.dead && !code.offline);
    code.grant = grant ?? newGrant(code.sub);
    const refreshToken = code.offline ? newRefreshToken(code.grant) : null;
    return { status: 200, body: tokensFor(code.grant, code.nonce, refreshToken) };
  }

  function answer(url: URL, params: URLSearchParams, headers: Headers, process: string) {
    const bearer = accessTokens.get((headers.get("Authorization") ?? "").slice("Bearer ".length));
    switch (url.pathname) {
      case "/token":
        return params.get("grant_type") === "refresh_token"
          ? refresh(params.get("refresh_token") ?? "", process)
          : exchange(params);
      case "/oauth2/v3/certs":
        return {
          status: 200,
          body: {
            keys: [{ ...publicKey.export({ format: "jwk" }), kid: KID, use: "sig", alg: "RS256" }],
          },
        };
      case "/.well-known/risc-configuration":
        return {
          status: 200,
          body: { issuer: `${ISSUER}/`, jwks_uri: "https://www.googleapis.com/oauth2/v3/certs" },
        };
      case "/revoke":
        revokeAll(refreshTokens.get(params.get("token") ?? "")?.grant.sub ?? "");
        return { status: 200, body: {} };
      case "/v1/userinfo":
        if (!bearer || bearer.grant.dead || bearer.refused || kernel.now() >= bearer.endsAt) {
          return { status: 401, body: { error: "invalid_token" } };
        }
        return {
          status: 200,
          body: { sub: bearer.grant.sub, name: bearer.grant.sub, email: "", email_verified: true },
        };
      default:
        return { status: 404, body: {} };
    }
  }

  function revokeAll(sub: string): void {
    for (const grant of grants.get(sub) ?? []) grant.dead = true;
    consented.delete(sub);
  }

  return {
    revokeAll,
    get tokenCalls() {
      return tokenCalls;
    },
    isDead: (refreshToken: string) => refreshTokens.get(refreshToken)?.grant.dead ?? true,
    refuse(accessToken: string) {
      const known = accessTokens.get(accessToken);
      if (known) known.refused = true;
    },
    securityEvent(sub: string, kind: string) {
      const iat = Math.floor(kernel.now() / 1000);
      const subject = { subject_type: "iss-sub", iss: ISSUER, sub };
      const events = {
        [`https://schemas.openid.net/secevent/risc/event-type/${kind}`]: { subject },
      };
      return jwt({ iss: ISSUER, aud: CLIENT, iat, jti: `event-${++made}`, events }, "secevent+jwt");
    },
    /** The person chooses an account and allows. @returns the callback’s path and query. */
    authorize(location: string, sub: string): string {
      const asked = new URL(location).searchParams;
      const offline = asked.get("prompt")?.includes("consent") === true || !consented.has(sub);
      consented.add(sub);
      const code = `code-${++made}`;
      codes.set(code, { sub, nonce: asked.get("nonce") ?? "", offline, grant: null });
      const query = new URLSearchParams({ state: asked.get("state") ?? "", code, iss: ISSUER });
      return `/auth/google/callback?${query}`;
    },
    /** What a process has for `fetch`. `owner` names it to the kernel: its death cuts the call off. */
    fetchFor(owner: string, isAlive: () => boolean): typeof fetch {
      return async (input, init) => {
        const url = new URL(String(input instanceof Request ? input.url : input));
        const signal = init?.signal ?? undefined;
        const mode = faults.mode();
        const wait = async (what: string, ms: number) => {
          await kernel.wait(owner, what, ms, signal);
          if (signal?.aborted) throw new DOMException("aborted", "AbortError");
        };
        await wait(`google ${url.pathname} goes`, faults.delay());
        if (mode === "reset" || faults.requestLost()) throw new TypeError("fetch failed");
        if (mode === "down") await wait("google says nothing", 60_000);
        if (mode === "status_500") return new Response("{}", { status: 503 });
        if (mode === "html") return new Response("<h1>Sorry</h1>", { status: 200 });
        if (mode === "invalid_client" && url.pathname === "/token") {
          return Response.json({ error: "invalid_client" }, { status: 401 });
        }
        const params = new URLSearchParams(String(init?.body ?? ""));
        const { status, body, ...rest } = answer(url, params, new Headers(init?.headers), owner);
        const of = "of" in rest ? rest.of : undefined;
        const lostBefore = of?.grant.lostAnswer ?? false;
        // Lost until it has arrived: whoever is killed on the way has it in hands that are no more.
        if (of) of.grant.lostAnswer = true;
        await wait(`google ${url.pathname} answers`, mode === "slow" ? 6000 : faults.delay());
        if (faults.answerLost()) throw new TypeError("fetch failed");
        if (of && isAlive()) {
          of.delivered = true;
          of.grant.lostAnswer = lostBefore;
        }
        return Response.json(body, { status });
      };
    },
  };
}

export type SimulatedGoogle = ReturnType<typeof createSimulatedGoogle>;

function unsigned(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", kid: KID })}.${part(claims)}.unverified`;
}
