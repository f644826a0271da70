import { z } from "zod";
import { BRAND } from "../brand/brand";
import { databaseUrl } from "./database-url.server";
import { flawOfValue, givenValues } from "./given-values.server";
import { hostedDomains } from "./hosted-domains.server";
import { GOOGLE_ISSUER, host, issuer, origin } from "./origin-setting.server";
import { bearerToken, clientCredential, sessionSecrets } from "./secret-settings.server";
import { contradictions } from "./settings-together.server";

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

const number = (name: string, min: number, max: number, whole = true) =>
  z.string().transform((text, context): number => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    context.addIssue({
      code: "custom",
      message: `must be a ${whole ? "whole " : ""}number from ${min} to ${max} (${name})`,
    });
    return z.NEVER;
  });

const days = z.string().transform((text, context): number => {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0 && value <= MAX_SESSION_DAYS) return Math.round(value * DAY_MS);
  context.addIssue({
    code: "custom",
    message: `must be a number of days above 0 and at most ${MAX_SESSION_DAYS}; fractions allowed`,
  });
  return z.NEVER;
});

const required = (hint: string) => z.string({ error: `is required: ${hint}` });

function schemaFor(mode: Mode) {
  const originHint = "the public origin, such as https://app.example.com";
  return z.object({
    APP_ORIGIN:
      mode === "production"
        ? required(originHint).pipe(origin)
        : z.string().default("http://localhost:3000").pipe(origin),
    HOST: host.optional(),
    PORT: z
      .string()
      .default("3000")
      .pipe(number("a TCP port", 0, 65_535)),
    SESSION_SECRET: required("at least 32 random characters; openssl rand -base64 48").pipe(
      sessionSecrets,
    ),
    GOOGLE_CLIENT_ID: required("the OAuth client id from the Google Cloud console").pipe(
      clientCredential,
    ),
    GOOGLE_CLIENT_SECRET: required("the OAuth client secret from the Google Cloud console").pipe(
      clientCredential,
    ),
    GOOGLE_ISSUER: z.string().default(GOOGLE_ISSUER).pipe(issuer),
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
    ALLOWED_HOSTED_DOMAINS: hostedDomains.default([]),
    BACKEND_ORIGIN: origin.optional(),
    METRICS_TOKEN: bearerToken.optional(),
    LOG_LEVEL: z
      .string()
      .default("info")
      .transform((text) => text.toLowerCase())
      .pipe(z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` })),
  });
}

/**
 * Reads and checks all settings together.
 *
 * @returns the settings, or one message that names every problem and how to mend it, and holds
 *   no secret’s value.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  mode: Mode,
): SettingsResult {
  const schema = schemaFor(mode);
  const names = Object.keys(schema.shape);
  const given = givenValues(environment, names);
  const result = schema.safeParse(given);
  const problems = problemsOf(given, names, result.error);
  if (!result.success || problems.length > 0) {
    return {
      ok: false,
      message: [
        `${BRAND.name} can’t start: ${problems.length} problem${problems.length === 1 ? "" : "s"} in its settings.`,
        ...problems.map((problem) => `  ${problem}`),
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

/** A line for each, in the settings' order; what is wrong with the text of a value says it all. */
function problemsOf(
  given: Readonly<Record<string, string>>,
  names: readonly string[],
  error: z.ZodError | undefined,
): string[] {
  const sound: Record<string, string> = {};
  const problems = names.flatMap((name) => {
    const value = given[name];
    const flaw = value === undefined ? null : flawOfValue(value);
    const issues = (error?.issues ?? []).filter(({ path }) => path[0] === name);
    const messages = flaw === null ? issues.map(({ message }) => message) : [flaw];
    if (value !== undefined && messages.length === 0) sound[name] = value;
    return messages.map((message) => `${name} ${message}`);
  });
  return [...problems, ...contradictions(sound, given.GOOGLE_ISSUER)];
}
