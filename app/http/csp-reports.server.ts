import type { Context, Handler } from "hono";
import { z } from "zod";
import type { Clock } from "../config/clock.server";
import type { Log } from "../config/log.server";
import { parseUrl } from "../config/parse-url";
import { wholeBody } from "./body-limit.server";
import type { PipelineEnv } from "./pipeline-env";

/** Where browsers say what this app’s Content-Security-Policy has stopped. */
export const CSP_REPORTS_PATH = "/csp-reports";
/** Each report repeats the whole policy, and browsers send several at once. */
const MAX_BYTES = 65_536;

/** More at once aren’t even looked at: a browser sends a few. */
const MAX_REPORTS = 100;
const LINES_PER_MINUTE = 30;
const MINUTE_MS = 60_000;
const text = z.string().optional();

/** By `report-to`: Reporting API with CSP level 3's body. */
const reportsSchema = z.array(
  z.object({
    type: z.string(),
    body: z
      .object({ documentURL: text, effectiveDirective: text, blockedURL: text, sourceFile: text })
      .optional(),
  }),
);

/** By `report-uri`: CSP level 2's. */
const reportSchema = z.object({
  "csp-report": z.object({
    "document-uri": text,
    "effective-directive": text,
    "violated-directive": text,
    "blocked-uri": text,
    "source-file": text,
  }),
});

/** What is logged of a report. */
export interface CspViolation {
  directive: string;
  blocked: string;
  page: string;
  source: string;
}

/**
 * The violations in a body that a browser posted, or null when it isn’t one. Anybody can post it: each
 * field is short, in plain letters, and an address goes without its query and fragment.
 */
export function readCspReports(body: unknown): CspViolation[] | null {
  const level3 = reportsSchema.safeParse(Array.isArray(body) ? body.slice(0, MAX_REPORTS) : body);
  if (level3.success) {
    return level3.data.flatMap(({ type, body }) =>
      type === "csp-violation" && body !== undefined
        ? [violation(body.effectiveDirective, body.blockedURL, body.documentURL, body.sourceFile)]
        : [],
    );
  }
  const level2 = reportSchema.safeParse(body);
  if (!level2.success) return null;
  const report = level2.data["csp-report"];
  const directive = report["effective-directive"] ?? report["violated-directive"];
  return [
    violation(directive, report["blocked-uri"], report["document-uri"], report["source-file"]),
  ];
}

function violation(
  directive: string | undefined,
  blocked: string | undefined,
  page: string | undefined,
  source: string | undefined,
): CspViolation {
  return {
    directive: plain(directive, 40),
    blocked: place(blocked),
    page: place(page),
    source: place(source),
  };
}

/** An address without what may be private in it; a keyword such as `inline` as it is; of `data:` the scheme. */
function place(address: string | undefined): string {
  const url = address === undefined ? null : parseUrl(address);
  if (url === null) return plain(address, 40);
  const { protocol, origin, pathname } = url;
  return plain(/^(https?|wss?):$/.test(protocol) ? origin + pathname : protocol, 200);
}

function plain(value: string | undefined, length: number): string {
  return (value ?? "").replaceAll(/[^\x21-\x7e]/g, "").slice(0, length);
}

function answer(context: Context, status: 204 | 400 | 413): Response {
  return context.body(null, status, { "Cache-Control": "no-store" });
}

/** Lets no more than 64 KB of a report be read. */
export const boundedReport = wholeBody(MAX_BYTES, (context) => answer(context, 413));

/**
 * Takes violation reports: a line in the log for each, at most thirty a minute and process, so that
 * nobody floods the log by it. Answers 204, or 400 to what is no report. It stands behind the
 * same-origin gate: browsers send their reports with `Sec-Fetch-Site`, or with `Origin`.
 */
export function cspReports(clock: Clock): Handler<PipelineEnv> {
  let minute = { since: Number.NEGATIVE_INFINITY, lines: 0 };
  function write(log: Log, violation: CspViolation): void {
    const now = clock.now();
    if (Math.abs(now - minute.since) >= MINUTE_MS) minute = { since: now, lines: 0 };
    if (minute.lines++ < LINES_PER_MINUTE) log.warn("csp_violation", { ...violation });
  }
  return async (context) => {
    const violations = readCspReports(await context.req.json().catch(() => null));
    for (const violation of violations ?? []) write(context.get("log"), violation);
    return answer(context, violations === null ? 400 : 204);
  };
}
