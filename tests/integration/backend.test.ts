import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port";
import { listenForTests } from "../support/listen-for-tests";
import { type SampleBackend, startSampleBackend } from "../support/sample-backend";
import { sendToPort } from "../support/send-to-port";
import { startTestApp, type TestApp } from "../support/test-app";
import { locationOf, type Visitor } from "../support/visitor";

const ADA = "ada.lovelace@gmail.com";

let plain: TestApp;
let app: TestApp;
let backend: SampleBackend;
beforeAll(async () => {
  plain = await startTestApp();
  backend = await startSampleBackend(plain.google);
  app = await startTestApp({ beside: plain, settings: { backendOrigin: backend.origin } });
});
afterAll(async () => {
  await backend.stop();
  await plain.stop();
});
beforeEach(async () => {
  await app.store.endAllSessions({ reason: "signed_out" });
  app.google.control.reset();
  app.log.lines.length = 0;
  backend.calls.length = 0;
  backend.next.length = 0;
  backend.users.clear();
  await app.clock.advance(1000);
});

async function signedIn(): Promise<Visitor> {
  const visitor = app.visitor();
  expect(locationOf(await visitor.signIn({ account: ADA }))).toBe("/dashboard");
  app.google.calls.clear();
  backend.calls.length = 0;
  return visitor;
}

const refreshes = () =>
  app.google.calls.list("token").filter((call) => call.grantType === "refresh_token").length;
const small = (body: string, type = "application/json") => ({
  method: "POST",
  body,
  headers: { "Content-Type": type, "Content-Length": String(Buffer.byteLength(body)) },
});

describe("signing in with a backend", () => {
  it("tells it who comes, with a token that it can check, and lets them in", async () => {
    const visitor = app.visitor();
    await visitor.signIn({ account: ADA });
    const session = await visitor.session();
    if (session.status !== "authenticated") throw new Error();
    const { id, name, email, picture } = session.user;
    expect(backend.calls).toHaveLength(1);
    expect(backend.calls[0]).toMatchObject({ method: "POST", url: "/api/user", sub: id });
    expect(JSON.parse(backend.calls[0]?.body ?? "")).toEqual({ id, name, email, image: picture });
    expect(backend.calls[0]?.headers).not.toHaveProperty("cookie");
  });

  it.each([
    ["403", { status: 403 }, "not_allowed"],
    ["404", { status: 404 }, "not_allowed"],
    ["500", { status: 500 }, "server_error"],
    ["a redirect", { status: 302, headers: { Location: "https://evil.example" } }, "server_error"],
  ] as const)("refuses the sign-in on %s, and leaves nothing behind", async (_, answer, error) => {
    backend.next.push(answer);
    const visitor = app.visitor();
    app.google.control.addAccount({ email: `new-${error}@example.com`, sub: `9${answer.status}` });
    const refused = await visitor.signIn({ account: `new-${error}@example.com` });
    expect(locationOf(refused)).toBe(`/login?returnTo=%2Fdashboard&error=${error}`);
    expect(visitor.jar.names()).toEqual([]);
    const person = { issuer: app.google.issuer, sub: `9${answer.status}` };
    expect(await app.store.readUser(person)).toEqual({ kind: "absent" });
  });

  it("refuses it when the backend says nothing for five seconds, or isn’t there", async () => {
    backend.next.push("hang");
    const visitor = app.visitor();
    const pending = visitor.signIn({ account: ADA });
    await expect.poll(() => backend.calls.length).toBe(1);
    await app.clock.advance(5000);
    expect(locationOf(await pending)).toContain("error=server_error");
    const away = await startTestApp({
      beside: plain,
      settings: { backendOrigin: "http://127.0.0.1:9" },
    });
    expect(locationOf(await away.visitor().signIn())).toContain("error=server_error");
  });

  it("leaves a session that is there alone when it refuses", async () => {
    const visitor = await signedIn();
    const before = await visitor.session();
    backend.next.push({ status: 403 });
    expect(locationOf(await visitor.signIn({ account: ADA }))).toContain("error=not_allowed");
    expect(await visitor.session()).toEqual(before);
  });
});

describe("/api/backend", () => {
  it("is nowhere without a backend", async () => {
    const visitor = plain.visitor();
    await visitor.signIn();
    const answer = await visitor.get("/api/backend/notes");
    expect([answer.status, await answer.json()]).toEqual([404, { error: "not_found" }]);
  });

  it("DA-09 is closed to everybody else, before anything is asked", async () => {
    const visitor = app.visitor();
    for (const method of ["GET", "POST", "PUT", "DELETE"]) {
      const answer = await visitor.request("/api/backend/notes", { method });
      expect([answer.status, await answer.json()]).toEqual([401, { error: "unauthenticated" }]);
    }
    const foreign = { "Sec-Fetch-Site": "cross-site" };
    expect((await (await signedIn()).post("/api/backend/notes", {}, foreign)).status).toBe(403);
    expect(backend.calls).toEqual([]);
  });

  it.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "forwards %s with path, query, type and body",
    async (method) => {
      const visitor = await signedIn();
      const body = method === "GET" || method === "OPTIONS" ? null : '{"text":"é"}';
      const answer = await visitor.request("/api/backend/notes.data?_routes=x&index&q=a%20b", {
        method,
        body,
        headers: { "Content-Type": "application/json", Accept: "application/json" },
      });
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({
        method,
        url: "/notes.data?_routes=x&index&q=a%20b",
        sub: expect.stringMatching(/^\d{21}$/),
        body: body ?? "",
      });
      expect(backend.calls[0]?.headers).toMatchObject({ accept: "application/json" });
    },
  );

  it("keeps cookies, the session and what is for one hop to itself, both ways", async () => {
    const visitor = await signedIn();
    backend.next.push({
      status: 200,
      headers: {
        "Content-Type": "text/html",
        "Set-Cookie": ["latchkey=evil", "a=b"],
        "Clear-Site-Data": '"cookies"',
        "Access-Control-Allow-Origin": "*",
        "Strict-Transport-Security": "max-age=0",
        "WWW-Authenticate": 'Basic realm="x"',
        "Content-Security-Policy": "default-src *",
        "X-Powered-By": "x",
        ETag: '"1"',
      },
      body: "<script>alert(1)</script>",
    });
    const answer = await visitor.get("/api/backend/page", {
      Authorization: "Bearer made-up",
      Connection: "accept-language, x-y",
      "Accept-Language": "de",
      "X-Forwarded-For": "1.2.3.4",
      "Proxy-Authorization": "Basic x",
      "X-HTTP-Method-Override": "DELETE",
      TE: "trailers",
    });
    const [call] = backend.calls;
    expect(call?.sub).toMatch(/^\d{21}$/);
    for (const name of [
      "cookie",
      "x-forwarded-for",
      "proxy-authorization",
      "x-http-method-override",
      "te",
    ]) {
      expect(call?.headers).not.toHaveProperty(name);
    }
    expect(call?.headers["accept-language"]).not.toBe("de");
    expect(answer.headers.getSetCookie().join()).not.toMatch(/evil|a=b/);
    for (const name of [
      "Clear-Site-Data",
      "Access-Control-Allow-Origin",
      "WWW-Authenticate",
      "X-Powered-By",
    ]) {
      expect(answer.headers.get(name)).toBeNull();
    }
    expect(answer.headers.get("Content-Security-Policy")).toContain("sandbox");
    expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
    expect(answer.headers.get("ETag")).toBe('"1"');
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(JSON.stringify([...answer.headers]) + (await answer.text())).not.toContain("ya29");
  });

  it.each([
    ["script"],
    ["style"],
    ["worker"],
    ["sharedworker"],
    ["serviceworker"],
    ["audioworklet"],
    ["paintworklet"],
    ["xslt"],
    ["json"],
    ["manifest"],
    ["font"],
    ["iframe", "navigate"],
    ["object", "navigate"],
    ["embed", "navigate"],
    ["image", "same-origin"],
    ["yet-to-come"],
  ])(
    "FB-11 is no part of a page: a browser that wants a %s gets none, and nothing is asked",
    async (destination, mode = "no-cors") => {
      const visitor = await signedIn();
      const answer = await visitor.get("/api/backend/x.js", {
        "Sec-Fetch-Dest": destination,
        "Sec-Fetch-Mode": mode,
      });
      expect([answer.status, await answer.json()]).toEqual([403, { error: "not_as_page_part" }]);
      expect(backend.calls).toEqual([]);
    },
  );

  it.each(["empty", "document", "image", "audio", "video", "track"])(
    "FB-11 is data: %s",
    async (destination) => {
      const visitor = await signedIn();
      const headers = { "Sec-Fetch-Dest": destination, "Sec-Fetch-Mode": "no-cors" };
      expect((await visitor.get("/api/backend/x.js", headers)).status).toBe(200);
    },
  );

  it.each([
    ["text/javascript", "text/plain"],
    ["Application/JavaScript; charset=utf-8", "text/plain; charset=utf-8"],
    ["application/x-ecmascript", "text/plain"],
    ["text/javascript1.5", "text/plain"],
    ["text/css", "text/plain"],
    ["text/html, text/jscript", "text/html, text/plain"],
    ["application/json", "application/json"],
    ["application/postscript", "application/postscript"],
  ])(
    "FB-11 has no type that a browser would run, said to it or not what for: %s",
    async (type, told) => {
      const visitor = await signedIn();
      backend.next.push({ status: 200, headers: { "Content-Type": type }, body: "x" });
      const answer = await visitor.get("/api/backend/x.js");
      expect(answer.headers.get("Content-Type")).toBe(told);
      expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
    },
  );

  it.each([
    "/api/backend//evil.example/x",
    "/api/backend/%252e%252e/x",
    "/api/backend/a%2f..%2fb",
    "/api/backend/a%5cb",
    "/api/backend/..;/x",
    "/api/backend/http://evil.example/",
  ])("can’t be led elsewhere by %s", async (path) => {
    const visitor = await signedIn();
    const answer = await visitor.get(path);
    expect([answer.status, await answer.json()]).toEqual([400, { error: "invalid_path" }]);
    expect(backend.calls).toEqual([]);
  });

  it.each([
    "/api/backend/../dashboard",
    "/api/backend/%2e%2e/%2e%2e/healthz",
    "/api/backend\\..\\x",
  ])("never sends on what is no address below it: %s", async (path) => {
    await (await signedIn()).get(path);
    expect(backend.calls).toEqual([]);
  });

  it("follows no redirect: below the backend it leads back here, elsewhere nowhere", async () => {
    const visitor = await signedIn();
    backend.next.push({ status: 303, headers: { Location: "/notes/7?x=1" } });
    expect(locationOf(await visitor.get("/api/backend/notes"))).toBe("/api/backend/notes/7?x=1");
    backend.next.push({ status: 303, headers: { Location: "https://evil.example/" } });
    const away = await visitor.get("/api/backend/notes");
    expect([away.status, away.headers.get("Location")]).toEqual([502, null]);
    expect(backend.calls).toHaveLength(2);
  });

  it("DA-07 hands on a second 401, and signs nobody out", async () => {
    const visitor = await signedIn();
    backend.next.push({ status: 401 }, { status: 401, body: "still no" });
    const answer = await visitor.get("/api/backend/notes");
    expect([answer.status, await answer.text()]).toEqual([401, "still no"]);
    expect([backend.calls.length, refreshes()]).toEqual([2, 1]);
    expect(await visitor.session()).toMatchObject({ status: "authenticated" });
  });

  it("tells a session that ended apart: 401 in its own words", async () => {
    const visitor = await signedIn();
    app.google.control.revokeGrant(ADA);
    const answer = await visitor.get("/api/backend/notes");
    expect([answer.status, await answer.json()]).toEqual([401, { error: "unauthenticated" }]);
    expect(visitor.jar.names()).not.toContain(app.cookie);
  });

  it("says when there is no token that works, and sends nothing", async () => {
    const visitor = await signedIn();
    const headers = { "Retry-After": "40" };
    app.google.faults.set("token", { kind: "status", status: 503, headers });
    await app.clock.advance(3_600_000);
    const answer = await visitor.get("/api/backend/notes");
    expect([answer.status, await answer.json()]).toEqual([503, { error: "google_unavailable" }]);
    expect(answer.headers.get("Retry-After")).toBe("40");
    expect(backend.calls).toEqual([]);
  });

  it("waits ten seconds for an answer, no longer", async () => {
    const visitor = await signedIn();
    backend.next.push("hang");
    const pending = visitor.get("/api/backend/notes");
    await expect.poll(() => backend.calls.length).toBe(1);
    await app.clock.advance(10_000);
    const answer = await pending;
    expect([answer.status, await answer.json()]).toEqual([504, { error: "backend_unavailable" }]);
  });

  it("passes on answers that have no body, and HEAD", async () => {
    const visitor = await signedIn();
    backend.next.push({ status: 204 }, { status: 304, headers: { ETag: '"1"' } });
    expect((await visitor.request("/api/backend/x", { method: "DELETE" })).status).toBe(204);
    expect((await visitor.get("/api/backend/x", { "If-None-Match": '"1"' })).status).toBe(304);
    expect((await visitor.request("/api/backend/x", { method: "HEAD" })).status).toBe(200);
    expect(backend.calls.at(-1)?.method).toBe("HEAD");
  });
});

describe("a body on its way through /api/backend", () => {
  /** Bytes that come in pieces, and whose length nobody told. */
  const inPieces = (pieces: AsyncIterator<string>) => ({
    method: "POST",
    body: new ReadableStream({
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(Buffer.from(value));
      },
    }),
    duplex: "half" as const,
    headers: { "Content-Type": "text/plain" },
  });

  it("DA-07 is sent again after a 401 when it is small, whether its length was told or not", async () => {
    const visitor = await signedIn();
    for (const request of [
      small("one and two"),
      inPieces(fedStream("one ", "and ", "two", "end").stream()),
    ]) {
      backend.calls.length = 0;
      app.google.calls.clear();
      backend.next.push({ status: 401 });
      const answer = await visitor.request("/api/backend/notes", request);
      expect(await answer.json()).toMatchObject({ method: "POST", body: "one and two" });
      expect(answer.headers.getSetCookie()).toHaveLength(1);
      expect([backend.calls.length, refreshes()]).toEqual([2, 1]);
      const [first, second] = backend.calls.map(({ headers }) => headers.authorization);
      expect(first).not.toBe(second);
    }
  });

  it("DA-07 isn’t sent twice when it is long, and arrives whole", async () => {
    const visitor = await signedIn();
    const long = "x".repeat(70_000);
    for (const request of [
      small(long),
      inPieces(fedStream("x".repeat(40_000), "x".repeat(30_000), "end").stream()),
    ]) {
      backend.calls.length = 0;
      backend.next.push({ status: 401 });
      const answer = await visitor.request("/api/backend/notes", request);
      expect(answer.status).toBe(401);
      expect([backend.calls.length, refreshes()]).toEqual([1, 0]);
      expect(backend.calls[0]?.body).toBe(long);
    }
  });

  it("may take its time as long as it keeps coming, and is given up a minute after it stops", async () => {
    const visitor = await signedIn();
    const piece = "x".repeat(70_000);
    const upload = fedStream();
    const pending = visitor.request("/api/backend/notes", inPieces(upload.stream()));
    for (let times = 0; times < 3; times++) {
      upload.send(piece);
      await app.clock.advance(50_000);
    }
    upload.end();
    expect(await (await pending).json()).toMatchObject({ body: piece.repeat(3) });

    const stalled = visitor.request("/api/backend/notes", inPieces(fedStream(piece).stream()));
    await expect.poll(() => app.clock.sleeping).toBeGreaterThan(0);
    await app.clock.advance(60_000);
    expect((await stalled).status).toBe(504);
  });
});

describe("an answer that the backend streams", () => {
  const events = { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" };
  const failure = (cause: string) => expect.objectContaining({ cause });
  /** What an operator would want to look at. */
  const troubles = () => app.log.lines.filter(({ level }) => level === "warn" || level === "error");

  it("reaches the browser as it comes, for as long as it keeps coming", async () => {
    const visitor = await signedIn();
    const feed = fedStream("data: 1\n\n");
    backend.next.push({ status: 200, headers: events, body: feed.stream() });
    const answer = await visitor.get("/api/backend/events", { Accept: "text/event-stream" });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "text/event-stream",
      "x-accel-buffering": "no",
      "cache-control": "no-store",
    });
    const reader = readerOf(answer);
    expect(await reader.next()).toBe("data: 1\n\n");
    for (let times = 2; times < 6; times++) {
      await app.clock.advance(59_000);
      feed.send(`data: ${times}\n\n`);
      expect(await reader.next()).toBe(`data: ${times}\n\n`);
    }
    feed.end();
    expect(await reader.next()).toBeNull();
    expect(await backend.calls[0]?.over).toBe("whole");
  });

  it("is cut off after a minute of silence, and never passes for whole", async () => {
    const visitor = await signedIn();
    backend.next.push({ status: 200, headers: events, body: fedStream("data: 1\n\n").stream() });
    const reader = readerOf(await visitor.get("/api/backend/events"));
    expect(await reader.next()).toBe("data: 1\n\n");
    const rest = reader.next().catch((error: unknown) => error);
    await app.clock.advance(60_000);
    expect(await rest).toBeInstanceOf(Error);
    expect(await backend.calls[0]?.over).toBe("cut");
    expect(troubles()).toEqual([
      expect.objectContaining({ event: "backend_failed", fields: failure("timeout") }),
    ]);
  });

  it("doesn’t outlive the session that it was asked with", async () => {
    const visitor = await signedIn();
    const feed = fedStream("data: 1\n\n");
    backend.next.push({ status: 200, headers: events, body: feed.stream() });
    const reader = readerOf(await visitor.get("/api/backend/events"));
    expect(await reader.next()).toBe("data: 1\n\n");
    await visitor.post("/logout");
    feed.send("data: secret\n\n");
    await expect(reader.next()).rejects.toThrow();
    expect(await backend.calls[0]?.over).toBe("cut");
    expect(troubles()).toEqual([]);
  });

  it("FB-12 doesn’t outlive the session’s limits either", async () => {
    const short = await startTestApp({
      beside: plain,
      settings: { backendOrigin: backend.origin, sessionAbsoluteMs: 90_000 },
    });
    const visitor = short.visitor();
    await visitor.signIn({ account: ADA });
    const feed = fedStream("data: 1\n\n");
    backend.next.push({ status: 200, headers: events, body: feed.stream() });
    const reader = readerOf(await visitor.get("/api/backend/events"));
    expect(await reader.next()).toBe("data: 1\n\n");
    await app.clock.advance(59_000);
    feed.send("data: 2\n\n");
    expect(await reader.next()).toBe("data: 2\n\n");
    await app.clock.advance(32_000);
    await expect(reader.next()).rejects.toThrow();
    expect(await backend.calls.at(-1)?.over).toBe("cut");
  });

  it("is cut off where the backend breaks off", async () => {
    const visitor = await signedIn();
    const feed = fedStream("half of ");
    backend.next.push({ status: 200, headers: events, body: feed.stream() });
    const reader = readerOf(await visitor.get("/api/backend/events"));
    expect(await reader.next()).toBe("half of ");
    feed.fail();
    await expect(reader.next()).rejects.toThrow();
    expect(troubles()).toEqual([
      expect.objectContaining({ event: "backend_failed", fields: failure("network") }),
    ]);
  });

  it("is over for the backend when the browser leaves, before it begins or in the middle", async () => {
    const visitor = await signedIn();
    const port = await freePort();
    const close = await listenForTests(app.fetch, port);
    const leaving = new AbortController();
    const ask = (signal: AbortSignal) =>
      sendToPort(
        port,
        new Request(`${app.origin}/api/backend/events`, {
          headers: { Cookie: visitor.jar.header() ?? "", "Sec-Fetch-Site": "same-origin" },
          signal,
        }),
        "localhost",
      );
    backend.next.push({ status: 200, headers: events, body: fedStream("data: 1\n\n").stream() });
    const reader = readerOf(await ask(leaving.signal));
    expect(await reader.next()).toBe("data: 1\n\n");
    leaving.abort();
    await reader.next().catch(() => undefined);
    expect(await backend.calls[0]?.over).toBe("cut");

    const impatient = new AbortController();
    backend.next.push("hang");
    const unanswered = ask(impatient.signal).catch(() => "left");
    await expect.poll(() => backend.calls.length).toBe(2);
    impatient.abort();
    expect(await unanswered).toBe("left");
    expect(await backend.calls[1]?.over).toBe("cut");
    expect(app.log.lines.map(({ event }) => event)).not.toContain("backend_failed");
    await close();
  });

  it("passes three megabytes up and down through a real connection", async () => {
    const visitor = await signedIn();
    const port = await freePort();
    const close = await listenForTests(app.fetch, port);
    const body = "x".repeat(3_000_000);
    const upload = new Request(`${app.origin}/api/backend/upload`, {
      method: "POST",
      body,
      headers: { Cookie: visitor.jar.header() ?? "", "Sec-Fetch-Site": "same-origin" },
    });
    const answer = await sendToPort(port, upload, "localhost");
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as { body: string }).body).toHaveLength(3_000_000);
    await close();
  });
});

/** A stream that a test feeds piece by piece, and breaks off, or ends with the piece `end`. */
function fedStream(...first: string[]) {
  const pieces: (string | Error)[] = [...first];
  let wake = () => {};
  const put = (piece: string | Error) => {
    pieces.push(piece);
    wake();
  };
  return {
    send: put,
    end: () => put("end"),
    fail: () => put(new Error("broken off")),
    async *stream(): AsyncGenerator<string> {
      for (;;) {
        const piece = pieces.shift();
        if (piece instanceof Error) throw piece;
        if (piece === "end") return;
        if (piece !== undefined) yield piece;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

/** An answer’s body, piece by piece; null at its end. */
function readerOf(answer: Response): { next(): Promise<string | null> } {
  const reader = answer.body?.getReader();
  if (!reader) throw new Error("There is no body.");
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? null : Buffer.from(value).toString();
    },
  };
}
