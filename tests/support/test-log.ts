import { createLog, type Log, type LogOptions } from "../../app/config/log.server";
import type { LogFields } from "../../app/config/log-fields";

export type LogLine = { level: string; event: string; fields: LogFields };

export type TestLog = Log & { lines: LogLine[] };

/** The app’s log as it is, which keeps its lines for a test to read. */
export function createTestLog(options: Partial<LogOptions> = {}): TestLog {
  const lines: LogLine[] = [];
  const log = createLog({
    level: "info",
    version: "0.0.0-test",
    lastResort: (message) => {
      throw new Error(message);
    },
    destination: {
      write(text) {
        const { level, event, time, version, ...fields } = JSON.parse(text);
        lines.push({ level, event, fields });
      },
    },
    ...options,
  });
  return { ...log, lines };
}
