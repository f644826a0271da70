import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import type { PipelineEnv } from "../../../app/http/pipeline-env";
import { isSameOrigin, sameOriginGate } from "../../../app/http/same-origin.server";
import { createTestLog } from "../../support/test-log";

const APP = "https://app.example.com";
const UNSAFE = ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "post"];

describe("isSameOrigin", () => {
  it.each<[string | null, string | null, boolean]>([
    ["same-origin", APP, true],
    ["same-origin", null, true],
    ["none", null, true],
    ["same-site", "https://blog.example.com", false],
    ["same-site", APP, false],
    ["cross-site", "https://evil.example", false],
    ["cross-site", APP, false],
    ["cross-site", null, false],
    ["Same-Origin", APP, false],
    ["", APP, false],
    ["same-origin, cross-site", APP, false],
    [null, APP, true],
    [null, null, false],
    [null, "null", false],
    [null, "", false],
    [null, "https://evil.example", false],
    [null, "https://blog.example.com", false],
    [null, "http://app.example.com", false],
    [null, "https://app.example.com:8443", false],
    [null, "https://app.example.com.evil.example", false],
    [null, "https://APP.example.com", false],
    [null, `${APP}/`, false],
  ])("HC-06 with Sec-Fetch-Site %j and Origin %j says %s", (secFetchSite, origin, verdict) => {
    for (const method of UNSAFE) {
      expect(isSameOrigin({ method, secFetchSite, origin }, APP), method).toBe(verdict);
    }
  });

  it.each(["GET", "HEAD", "OPTIONS"])("lets %s come from anywhere", (method) => {
    const evidence = { method, secFetchSite: "cross-site", origin: "https://evil.example" };
    expect(isSameOrigin(evidence, APP)).toBe(true);
  });
});

describe("sameOriginGate", () => {
  function aPipeline() {
    const log = createTestLog();
    let reached = 0;
    const pipeline = new Hono<PipelineEnv>();
    pipeline.use((context, next) => {
      context.set("log", log);
      return next();
    });
    pipeline.use(sameOriginGate(APP));
    pipeline.all("*", (context) => {
      reached += 1;
      return context.text("done");
    });
    const post = (path: string, headers: Record<string, string>) =>
      pipeline.request(`${APP}${path}`, { method: "POST", headers });
    return { log, post, reached: () => reached };
  }

  it.each(["/logout", "/logout.data", "/logout?_data=routes%2Flogout", "/api/session", "/nowhere"])(
    "HC-06 SO-02 stops a foreign POST to %s before anything sees it",
    async (path) => {
      const { log, post, reached } = aPipeline();
      const answer = await post(path, { Origin: "https://evil.example" });
      expect(answer.status).toBe(403);
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      expect(reached()).toBe(0);
      expect(log.lines).toMatchObject([{ level: "warn", event: "malicious_csrf" }]);
    },
  );

  it("HC-07 doesn’t ask Host or X-Forwarded-Host what the origin is", async () => {
    const { post } = aPipeline();
    const headers = {
      Origin: "https://evil.example",
      Host: "evil.example",
      "X-Forwarded-Host": "evil.example",
    };
    expect((await post("/logout", headers)).status).toBe(403);
  });

  it("HC-10 isn’t talked round by a method override or a content type", async () => {
    const { post } = aPipeline();
    for (const extra of [
      { "X-HTTP-Method-Override": "GET" },
      { "Content-Type": "text/plain" },
      { "Content-Type": "application/json" },
    ]) {
      expect((await post("/logout?_method=GET", { ...extra })).status).toBe(403);
    }
  });

  it("HC-06 lets a security event through from anywhere, and nothing that only looks like one", async () => {
    const { log, post, reached } = aPipeline();
    const foreign = { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
    expect((await post("/auth/google/events", {})).status).toBe(200);
    expect((await post("/auth/google/events", foreign)).status).toBe(200);
    expect(reached()).toBe(2);
    expect(log.lines).toEqual([]);
    for (const path of [
      "/auth/google/events.data",
      "/auth/google/events/",
      "/auth/google/events?_data=routes%2Flogout",
      "/auth/google/events?index",
      "/auth/google/event%73",
      "/auth/google/%65vents",
      "//auth/google/events",
      "/AUTH/google/events",
    ]) {
      expect((await post(path, foreign)).status, path).toBe(403);
    }
    expect(reached()).toBe(2);
  });

  it("lets a POST of the app’s own pages through", async () => {
    const { log, post, reached } = aPipeline();
    expect((await post("/logout", { Origin: APP })).status).toBe(200);
    expect((await post("/logout", { "Sec-Fetch-Site": "same-origin" })).status).toBe(200);
    expect(reached()).toBe(2);
    expect(log.lines).toEqual([]);
  });
});
