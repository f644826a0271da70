import { writeSync } from "node:fs";
import pino from "pino";
import { BRAND } from "../brand/brand";
import { errorName } from "./error-name";
import type { LogEvent } from "./log-events";
import { cleanFields, type LogFields } from "./log-fields";
import type { LogLevel } from "./settings.server";

/**
 * One line an event. Never pass a code, state, token, cookie, secret or query string: the list of
 * fields has no place for them, and what looks like one is cut out all the same.
 */
export interface Log {
  debug(event: LogEvent, fields?: LogFields): void;
  info(event: LogEvent, fields?: LogFields): void;
  warn(event: LogEvent, fields?: LogFields): void;
  error(event: LogEvent, fields?: LogFields): void;
  /** The same log with fields of its own, asked for at each line: what becomes known is on the next. */
  child(common: () => LogFields): Log;
}

export interface LogOptions {
  level: LogLevel;
  /** The app’s, on each line. */
  version: string;
  /** Is told of every event, those below `level` too. */
  observe?: (event: LogEvent, fields: LogFields) => void;
  /** Standard output by default. */
  destination?: pino.DestinationStream;
  /** Is told once that the log itself has failed. */
  lastResort?: (message: string) => void;
}

type Level = "debug" | "info" | "warn" | "error";
type Write = (level: Level, event: LogEvent, fields: LogFields) => void;

/**
 * The application’s log: JSON lines on standard output, UTC times in ISO 8601. It never throws and
 * never ends the process: a full disk or a reader that went away must not sign anybody out (LG-07).
 */
export function createLog(options: LogOptions): Log {
  const { level, version, observe } = options;
  const complain = once(options.lastResort ?? sayOnStandardError);
  const logger = pino(
    {
      level,
      base: { version },
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: "event",
      formatters: { level: (label) => ({ level: label }) },
    },
    options.destination ?? standardOutput(complain),
  );
  const write: Write = (severity, event, fields) => {
    // Cleaning takes longer than writing: not for lines that nobody is to read.
    if (logger.isLevelEnabled(severity)) {
      attempt(() => logger[severity](cleanFields(fields), event), complain);
    }
    if (observe) attempt(() => observe(event, fields), complain);
  };
  return logTo(write, () => ({}));
}

function logTo(write: Write, common: () => LogFields): Log {
  const at =
    (level: Level) =>
    (event: LogEvent, fields: LogFields = {}): void =>
      write(level, event, { ...common(), ...fields });
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (more) => logTo(write, () => ({ ...common(), ...more() })),
  };
}

/** Lines kept while they can’t be written, in characters. */
const MAX_WAITING = 1_048_576;

/**
 * Each line is out before the next thing happens, so that none is lost when the process ends in
 * whatever way. pino drops what a closed pipe can’t take; any other failure would end the process
 * unheard.
 */
function standardOutput(complain: (message: string) => void): pino.DestinationStream {
  const stream = pino.destination({ dest: 1, sync: true, maxLength: MAX_WAITING });
  stream.on("error", (error: unknown) => complain(failure(error)));
  return stream;
}

function attempt(work: () => void, complain: (message: string) => void): void {
  try {
    work();
  } catch (error) {
    complain(failure(error));
  }
}

function failure(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
  return `${BRAND.name}'s log failed (${errorName(error)}, ${code}). The app goes on; lines or counts may be missing.`;
}

function once(say: (message: string) => void): (message: string) => void {
  let said = false;
  return (message) => {
    if (said) return;
    said = true;
    say(message);
  };
}

function sayOnStandardError(message: string): void {
  try {
    writeSync(2, `${message}\n`);
  } catch {
    // Nobody is left to tell.
  }
}
