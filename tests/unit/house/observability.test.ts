import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { countEvents } from "../../../app/metrics/count-events.server";
import { createMetrics } from "../../../app/metrics/registry.server";
import { watchOwed, watchRefresher } from "../../../app/metrics/watch-process.server";

const metrics = createMetrics("1.2.3");
countEvents(metrics);
watchRefresher(metrics, {
  refresh: () => Promise.reject(new Error("Nobody refreshes here")),
  look: () => Promise.reject(new Error("Nobody looks here")),
  underWay: 0,
  resting: false,
});
watchOwed(metrics, {
  owed: { count: 0 },
  store: { countRevocations: async () => ({ kind: "counted", count: 0 }) },
});

const ALERTS = readFileSync("docs/observability/alerts.yml", "utf8");
const DASHBOARD: unknown = JSON.parse(
  readFileSync("docs/observability/grafana-dashboard.json", "utf8"),
);
const DATA_SOURCE = z.string().regex(/^\$\{datasource\}$/);

const dashboardSchema = z.object({
  title: z.literal("Sign-ins and sessions"),
  uid: z.string(),
  schemaVersion: z.number(),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string() })),
  }),
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string().min(1),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int().max(24), h: z.int() }),
      datasource: z.object({ type: z.literal("prometheus"), uid: DATA_SOURCE }).optional(),
      targets: z
        .array(
          z.object({
            refId: z.string(),
            expr: z.string(),
            datasource: z.object({ uid: DATA_SOURCE }),
          }),
        )
        .optional(),
    }),
  ),
});
const dashboard = dashboardSchema.parse(DASHBOARD);
const QUERIES = dashboard.panels.flatMap((panel) => panel.targets ?? []).map(({ expr }) => expr);
const RULES = [...ALERTS.matchAll(/expr: (?:\|\n((?: {10,}.*\n)+)|(.*))/g)].map(
  ([, block, line]) => block ?? line ?? "",
);

/** The metrics of a query, histograms by their own name. */
function metricsIn(query: string): string[] {
  const names = query.match(/\b(?:latchkey|process|nodejs)_\w+/g) ?? [];
  return names.map((name) =>
    metrics.getSingleMetric(name) ? name : name.replace(/_(bucket|sum|count)$/, ""),
  );
}

const KNOWN = metrics.getMetricsAsArray().map(({ name }) => name);

describe("what watches the app", () => {
  it("LG-08 asks only for metrics that there are", () => {
    expect(RULES.length).toBe(ALERTS.match(/- alert:/g)?.length);
    for (const query of [...QUERIES, ...RULES]) {
      const names = metricsIn(query);
      expect(names, query).not.toEqual([]);
      for (const name of names) expect(KNOWN, query).toContain(name);
    }
  });

  it("LG-08 shows every metric in the dashboard", () => {
    const shown = new Set(QUERIES.flatMap(metricsIn));
    expect(KNOWN.filter((name) => !shown.has(name))).toEqual([]);
  });

  it("LG-08 has an alarm for invalid_client, for spikes of unreadable cookies, and for what signs people out", () => {
    expect(ALERTS).toContain("latchkey_provider_refusals_total");
    expect(ALERTS).toContain("latchkey_unreadable_cookies_total");
    expect(ALERTS).toContain('latchkey_session_ends_total{asked_for="no"');
    expect(ALERTS).toContain("latchkey_store_available");
  });

  it("asks for labels and values that there are", async () => {
    const text = await metrics.metrics();
    for (const [, metric, label, values = ""] of [
      ...ALERTS.matchAll(/(latchkey_\w+)\{[^}]*?(\w+)(?:=|!=|=~|!~)"([^"]+)"/g),
    ]) {
      for (const value of values.split("|")) {
        expect(text, `${metric} ${label}`).toMatch(new RegExp(`${metric}\\{.*${label}="${value}"`));
      }
    }
  });

  it("is a dashboard that any data source can feed, with each panel in a place of its own", () => {
    expect(dashboard.templating.list).toContainEqual({ name: "datasource", type: "datasource" });
    const places = dashboard.panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(places.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(places.length);
  });

  it("gives each metric a name and unit as Prometheus has them, and a sentence of help", () => {
    for (const { name, help } of metrics.getMetricsAsArray()) {
      expect(name).toMatch(/^(latchkey|process|nodejs)_[a-z_]+$/);
      expect(help.length, name).toBeGreaterThan(10);
    }
  });
});
