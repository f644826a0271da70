/**
 * Every field that a log line may carry, and what its value is. The type lets no other name through,
 * and `cleanFields` none at run time: what isn’t listed here can’t be logged, whatever it holds.
 */
export const LOG_FIELDS = {
  action: "text",
  alarm: "flag",
  api: "text",
  blocked: "text",
  cause: "text",
  command: "text",
  cookieBytes: "number",
  directive: "text",
  durationMs: "number",
  error: "text",
  failures: "number",
  generation: "number",
  hasState: "flag",
  keyId: "text",
  keyPosition: "number",
  kind: "text",
  limited: "text",
  live: "flag",
  method: "text",
  node: "text",
  origin: "text",
  outcome: "text",
  page: "text",
  path: "text",
  port: "number",
  reason: "text",
  requestId: "text",
  requests: "number",
  route: "text",
  session: "text",
  sessions: "number",
  setCookieBytes: "number",
  signal: "text",
  skewMs: "number",
  source: "text",
  sourceIp: "text",
  stack: "frames",
  status: "number",
  user: "text",
  userAgent: "text",
  writes: "number",
} as const;

interface Kinds {
  text: string;
  /** Lines of text. */
  frames: string;
  number: number;
  flag: boolean;
}
type FieldName = keyof typeof LOG_FIELDS;

/** What may be written with an event. Only plain values: no object can smuggle a token in. */
export type LogFields = {
  readonly [Name in FieldName]?: Kinds[(typeof LOG_FIELDS)[Name]] | null | undefined;
};

const TYPES = { text: "string", frames: "string", number: "number", flag: "boolean" } as const;
export const REDACTED = "[redacted]";
const LONGEST_TEXT = 200;
const MAX_FRAMES = 20;
/** More than this is not even looked at. A token that begins before it is gone whole all the same. */
const LONGEST_LOOK = 2000;

/**
 * Google’s prefixes of access tokens, refresh tokens, codes and client secrets, the beginning of every
 * JWT and JWE, and anything as long as our own states and verifiers.
 */
const SECRETS = /(?:ya29\.|1\/\/|GOCSPX-|eyJ)[\w.~+/=%-]*|\b4\/[\w-]{20,}|[\w-]{40,}/g;
/** Tried only where a run of such characters begins: else each of them would be looked at from each. */
const EMAILS = /(?<![^\s@/?&=])[^\s@/?&=]+(?:@|%40)[^\s@/?&=]+/gi;
/** Control and format characters, line separators included: what a terminal or a viewer would obey. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Text as it may stand in the log, wherever it comes from: 200 characters at most, without anything
 * that looks like a secret or an email address, and with unprintable characters spelled out.
 */
export function cleanText(text: string): string {
  const shown = text
    .slice(0, LONGEST_LOOK)
    .replace(SECRETS, REDACTED)
    .replace(EMAILS, REDACTED)
    .slice(0, LONGEST_TEXT)
    .replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return text.length > LONGEST_TEXT ? `${shown}…` : shown;
}

/** The fields that are known, with their values cleaned; one that has the wrong type is only named. */
export function cleanFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!isFieldName(name) || value === undefined) continue;
    const kind = LOG_FIELDS[name];
    if (value === null) clean[name] = null;
    else if (typeof value !== TYPES[kind]) clean[name] = REDACTED;
    else if (typeof value !== "string") clean[name] = value;
    else clean[name] = kind === "frames" ? cleanFrames(value) : cleanText(value);
  }
  return clean;
}

function cleanFrames(text: string): string {
  return text.split("\n", MAX_FRAMES).map(cleanText).join("\n");
}

function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(LOG_FIELDS, name);
}
