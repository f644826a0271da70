import type { Log, LogFields } from "../../app/config/log.server";

export type LogLine = { level: string; event: string; fields: LogFields };

export type TestLog = Log & { lines: LogLine[] };

/** A log that keeps its lines, those of its children included, for a test to read. */
export function createTestLog(): TestLog {
  return logInto([], {});
}

function logInto(lines: LogLine[], common: LogFields): TestLog {
  const write =
    (level: string) =>
    (event: string, fields: LogFields = {}): void => {
      lines.push({ level, event, fields: { ...common, ...fields } });
    };
  return {
    lines,
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => logInto(lines, { ...common, ...fields }),
  };
}
