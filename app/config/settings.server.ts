import { z } from "zod";
import { isPlaceholderSecret } from "./secret-strength.server";

export type Mode = "development" | "production";

/** Everything an operator can set, read once at start. Durations in ms. */
export interface Settings {
  mode: Mode;
  appOrigin: string;
  host: string | undefined;
  port: number;
  /** The first seals, all unseal. */
  sessionSecrets: readonly [string, ...string[]];
  google: { clientId: string; clientSecret: string; issuer: string; apiOrigin: string };
  databaseUrl: string;
  sessionIdleMs: number;
  sessionAbsoluteMs: number;
  trustedProxyHops: number;
  signInRatePerMinute: number;
  allowedHostedDomains: readonly string[];
  backendOrigin: string | null;
  metricsToken: string | null;
  logLevel: LogLevel;
}

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type SettingsResult = { ok: true; settings: Settings } | { ok: false; message: string };

const DAY_MS = 86_400_000;
/** 400 days: browsers keep no cookie longer (RFC 6265bis), so a longer limit would be a lie. */
const MAX_SESSION_DAYS = 400;

/** Whether plain http is acceptable: only where it never leaves this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

const origin = z.string().transform((text, context): string => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const fail = (message: string) => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  if (url === null) return fail("is not a URL; write it like https://app.example.com");
  if (url.username || url.password) return fail("must not contain a user name or password");
  if (url.pathname !== "/" || url.search || url.hash) {
    return fail("must be an origin only: no path, query or fragment");
  }
  if (url.protocol === "https:") return url.origin;
  if (url.protocol === "http:" && isLoopback(url.hostname)) return url.origin;
  return fail("must be https (http only on localhost, 127.0.0.1 or [::1])");
});

/** An issuer is compared as text (OpenID Connect Core 3.1.3.7), so it stays as written. */
const issuer = z.string().superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const secure =
    url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url === null || !secure || url.search || url.hash) {
    context.addIssue({
      code: "custom",
      message: "must be an https URL without query or fragment (http only on a loopback address)",
    });
  }
});

const number = (name: string, min: number, max: number, whole = true) =>
  z.string().transform((text, context): number => {
    const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    context.addIssue({
      code: "custom",
      message: `must be a ${whole ? "whole " : ""}number from ${min} to ${max} (${name})`,
    });
    return z.NEVER;
  });

const days = z.string().transform((text, context): number => {
  const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value > 0 && value <= MAX_SESSION_DAYS) return Math.round(value * DAY_MS);
  context.addIssue({
    code: "custom",
    message: `must be a number of days above 0 and at most ${MAX_SESSION_DAYS}; fractions allowed`,
  });
  return z.NEVER;
});

const secrets = z.string().transform((text, context): readonly [string, ...string[]] => {
  const [first = "", ...rest] = text.split(",").map((secret) => secret.trim());
  const all: [string, ...string[]] = [first, ...rest];
  all.forEach((secret, index) => {
    // The value itself never reaches the message: it goes to logs and terminals.
    const which = all.length > 1 ? `secret ${index + 1} of ${all.length} ` : "";
    const problem =
      secret.length < 32
        ? `${which}must be at least 32 characters`
        : isPlaceholderSecret(secret)
          ? `${which}is a placeholder or too regular; make one with: openssl rand -base64 48`
          : null;
    if (problem) context.addIssue({ code: "custom", message: problem });
  });
  if (new Set(all).size !== all.length) {
    context.addIssue({ code: "custom", message: "contains the same secret twice" });
  }
  return all;
});

const databaseUrl = z.string().superRefine((text, context) => {
  if (/^(file:.+|postgres(ql)?:\/\/.+)$/.test(text)) return;
  // Never echo it: a PostgreSQL address carries a password.
  context.addIssue({ code: "custom", message: "must start with file: or postgres://" });
});

const required = (hint: string) => z.string({ error: `is required: ${hint}` });
const list = z.string().transform((text) =>
  text
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== ""),
);

const googleIssuer = "https://accounts.google.com";

function schemaFor(mode: Mode) {
  const originHint = "the public origin, such as https://app.example.com";
  return z.object({
    APP_ORIGIN:
      mode === "production"
        ? required(originHint).pipe(origin)
        : z.string().default("http://localhost:3000").pipe(origin),
    HOST: z.string().optional(),
    PORT: z
      .string()
      .default("3000")
      .pipe(number("a TCP port", 0, 65_535)),
    SESSION_SECRET: required("at least 32 random characters; openssl rand -base64 48").pipe(
      secrets,
    ),
    GOOGLE_CLIENT_ID: required("the OAuth client id from the Google Cloud console"),
    GOOGLE_CLIENT_SECRET: required("the OAuth client secret from the Google Cloud console"),
    GOOGLE_ISSUER: z.string().default(googleIssuer).pipe(issuer),
    GOOGLE_API_ORIGIN: z.string().default("https://www.googleapis.com").pipe(origin),
    DATABASE_URL: z.string().default("file:./data/latchkey.db").pipe(databaseUrl),
    SESSION_IDLE_DAYS: z.string().default("30").pipe(days),
    SESSION_ABSOLUTE_DAYS: z.string().default("180").pipe(days),
    TRUSTED_PROXY_HOPS: z
      .string()
      .default("0")
      .pipe(number("proxies in front", 0, 16)),
    SIGN_IN_RATE_PER_MINUTE: z
      .string()
      .default("30")
      .pipe(number("0 = off", 0, 100_000)),
    ALLOWED_HOSTED_DOMAINS: z.string().default("").pipe(list),
    BACKEND_ORIGIN: origin.optional(),
    METRICS_TOKEN: z.string().min(16, "must be at least 16 characters").optional(),
    LOG_LEVEL: z
      .string()
      .default("info")
      .pipe(z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` })),
  });
}

/** One value for two purposes: whoever is told the one has the other (SC-06). */
function reusedSecrets(given: Readonly<Record<string, string | undefined>>): string[] {
  const secrets = (given.SESSION_SECRET ?? "").split(",").map((secret) => secret.trim());
  return ["GOOGLE_CLIENT_SECRET", "METRICS_TOKEN"]
    .filter((name) => given[name] !== undefined && secrets.includes(given[name]))
    .map(
      (name) => `  SESSION_SECRET has the same value as ${name}; each secret is for one purpose`,
    );
}

/**
 * Reads and checks all settings together.
 *
 * An empty variable counts as not set, since many platforms can't tell the two apart.
 *
 * @returns the settings, or one message that names every problem and how to mend it, and holds
 *   no secret's value.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  mode: Mode,
): SettingsResult {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ""),
  );
  const result = schemaFor(mode).safeParse(given);
  const problems = [
    ...(result.error?.issues ?? []).map((issue) => `  ${issue.path.join(".")} ${issue.message}`),
    ...reusedSecrets(given),
  ];
  if (!result.success || problems.length > 0) {
    return {
      ok: false,
      message: [
        `Latchkey can't start: ${problems.length} problem${problems.length === 1 ? "" : "s"} in its settings.`,
        ...problems,
        "See .env.example for every setting.",
      ].join("\n"),
    };
  }
  const env = result.data;
  return {
    ok: true,
    settings: {
      mode,
      appOrigin: env.APP_ORIGIN,
      host: env.HOST,
      port: env.PORT,
      sessionSecrets: env.SESSION_SECRET,
      google: {
        clientId: env.GOOGLE_CLIENT_ID,
        clientSecret: env.GOOGLE_CLIENT_SECRET,
        issuer: env.GOOGLE_ISSUER,
        apiOrigin: env.GOOGLE_API_ORIGIN,
      },
      databaseUrl: env.DATABASE_URL,
      sessionIdleMs: env.SESSION_IDLE_DAYS,
      sessionAbsoluteMs: env.SESSION_ABSOLUTE_DAYS,
      trustedProxyHops: env.TRUSTED_PROXY_HOPS,
      signInRatePerMinute: env.SIGN_IN_RATE_PER_MINUTE,
      allowedHostedDomains: env.ALLOWED_HOSTED_DOMAINS,
      backendOrigin: env.BACKEND_ORIGIN ?? null,
      metricsToken: env.METRICS_TOKEN ?? null,
      logLevel: env.LOG_LEVEL,
    },
  };
}
