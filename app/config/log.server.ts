import pino from "pino";
import type { LogLevel } from "./settings.server";

/** What may be written with an event. Only plain values: no object can smuggle a token in. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/**
 * One line an event. `event` is a stable name (OWASP's logging vocabulary where it has one).
 * Never pass a code, state, token, cookie, secret or query string.
 */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  child(fields: LogFields): Log;
}

/** Names that must not carry a value even if a caller slips. The rule is not to pass them at all. */
const REDACTED = [
  "code",
  "state",
  "nonce",
  "verifier",
  "token",
  "accessToken",
  "refreshToken",
  "idToken",
  "cookie",
  "authorization",
  "secret",
  "email",
];

/** The application's log: JSON lines on standard output, UTC times in ISO 8601. */
export function createLog(level: LogLevel, destination?: pino.DestinationStream): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: "event",
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: "[redacted]" },
    },
    destination ?? standardOutput(),
  );
  return wrap(logger);
}

/** Lines kept while they can't be written, in characters. */
const MAX_WAITING = 1_048_576;

/**
 * Each line is out before the next thing happens, so that none is lost when the process ends in
 * whatever way. A full disk or a closed pipe loses lines, and stops nothing else (LG-07).
 */
function standardOutput(): pino.DestinationStream {
  const output = pino.destination({ dest: 1, sync: true, maxLength: MAX_WAITING });
  output.on("error", () => {});
  return output;
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (event, fields = {}) => logger.debug(fields, event),
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
    child: (fields) => wrap(logger.child(fields)),
  };
}
