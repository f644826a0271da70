import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import {
  boundedReport,
  CSP_REPORTS_PATH,
  cspReports,
  readCspReports,
} from "../../../app/http/csp-reports.server";
import type { PipelineEnv } from "../../../app/http/pipeline-env";
import { createTestClock } from "../../support/test-clock";
import { createTestLog } from "../../support/test-log";

/** As Chromium 156 posts it over https, by `report-to`. */
const BY_REPORT_TO = {
  age: 1,
  body: {
    blockedURL: "https://evil.example/x?secret=1#part",
    columnNumber: 71,
    disposition: "enforce",
    documentURL: "https://app.example.com/login?returnTo=%2Fprivate",
    effectiveDirective: "img-src",
    lineNumber: 1,
    originalPolicy: "default-src 'self'",
    referrer: "https://app.example.com/?private",
    sample: "",
    sourceFile: "https://app.example.com/assets/a.js?private",
    statusCode: 200,
  },
  type: "csp-violation",
  url: "https://app.example.com/login?returnTo=%2Fprivate",
  user_agent: "Mozilla/5.0",
};

/** As Chromium posts it over http, and Firefox and Safari: by `report-uri`. */
const BY_REPORT_URI = {
  "csp-report": {
    "document-uri": "http://localhost:3000/login?returnTo=%2Fprivate",
    referrer: "",
    "violated-directive": "script-src-elem",
    "effective-directive": "script-src-elem",
    "original-policy": "default-src 'self'",
    disposition: "enforce",
    "blocked-uri": "inline",
    "line-number": 1,
    "status-code": 200,
    "script-sample": "alert(private)",
  },
};

describe("a report of what the policy stopped", () => {
  it("HC-02 is read as either way of reporting sends it, without queries and fragments", () => {
    expect(readCspReports([BY_REPORT_TO, { ...BY_REPORT_TO, type: "deprecation" }])).toEqual([
      {
        directive: "img-src",
        blocked: "https://evil.example/x",
        page: "https://app.example.com/login",
        source: "https://app.example.com/assets/a.js",
      },
    ]);
    expect(readCspReports(BY_REPORT_URI)).toEqual([
      {
        directive: "script-src-elem",
        blocked: "inline",
        page: "http://localhost:3000/login",
        source: "",
      },
    ]);
  });

  it("HC-02 is bounded and plain, whatever somebody has put into it", () => {
    const wild = `x\r\n\u001b[31m${"y".repeat(10_000)}`;
    const body = {
      effectiveDirective: wild,
      documentURL: `https://a.example/${wild}`,
      blockedURL: `data:text/html,${wild}`,
      sourceFile: wild,
    };
    const [violation] = readCspReports([{ type: "csp-violation", body }]) ?? [];
    expect(violation?.blocked).toBe("data:");
    for (const value of Object.values(violation ?? {})) {
      expect(value.length).toBeLessThanOrEqual(200);
      expect(value).toMatch(/^[\x21-\x7e]*$/);
    }
  });

  it.each([
    null,
    "text",
    {},
    { "csp-report": null },
    [{ type: 1 }],
    [{ type: "csp-violation", body: { effectiveDirective: {} } }],
  ])("isn’t %j", (body) => {
    expect(readCspReports(body)).toBeNull();
  });
});

describe("the address for reports", () => {
  function startAddress() {
    const [clock, log] = [createTestClock(), createTestLog()];
    const app = new Hono<PipelineEnv>();
    app.use((context, next) => {
      context.set("log", log);
      return next();
    });
    app.post(CSP_REPORTS_PATH, boundedReport, cspReports(clock));
    const post = async (body: string) =>
      (await app.request(CSP_REPORTS_PATH, { method: "POST", body })).status;
    return { clock, log, post };
  }

  it("HC-02 writes a line for each, and says no more than that it has it", async () => {
    const { log, post } = startAddress();
    expect(await post(JSON.stringify([BY_REPORT_TO, BY_REPORT_TO]))).toBe(204);
    expect(await post(JSON.stringify(BY_REPORT_URI))).toBe(204);
    expect(log.lines.map(({ level, event }) => `${level} ${event}`)).toEqual(
      Array(3).fill("warn csp_violation"),
    );
    expect(JSON.stringify(log.lines)).not.toContain("private");
  });

  it("writes nothing of what is no report, and doesn’t read what is too large", async () => {
    const { log, post } = startAddress();
    expect(await post("{")).toBe(400);
    expect(await post("[]".repeat(40_000))).toBe(413);
    expect(log.lines).toEqual([]);
  });

  it("HC-02 writes thirty lines a minute and no more, so that nobody floods the log by it", async () => {
    const { clock, log, post } = startAddress();
    const many = JSON.stringify(Array(100).fill(BY_REPORT_TO));
    expect(await post(many)).toBe(204);
    expect(await post(many)).toBe(204);
    expect(log.lines).toHaveLength(30);
    await clock.advance(60_000);
    await post(many);
    expect(log.lines).toHaveLength(60);
  });
});
