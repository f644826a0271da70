import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { exchange, type HttpLimits, jsonObject } from "../../../app/google/http.server";
import { createTestClock, settle } from "../../support/test-clock";

const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A real server, since the deadline has to hold against a real socket. */
async function aServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/token`;
}

/** Asks a server that does as `listener` says, with a real `fetch` and a clock of the test’s own. */
async function ask(
  listener: RequestListener,
  limits: Partial<HttpLimits> = {},
  body?: URLSearchParams,
) {
  const clock = createTestClock();
  const url = await aServer(listener);
  const request = body ? { url, method: "POST" as const, body } : { url };
  return { clock, answer: exchange({ fetch, clock }, request, limits) };
}

/** Lets the sleepers be, and waits until the server has seen the request. */
function whenAsked(): { seen: Promise<ServerResponse>; listener: RequestListener } {
  let tell: (response: ServerResponse) => void = () => {};
  const seen = new Promise<ServerResponse>((resolve) => {
    tell = resolve;
  });
  return { seen, listener: (_request, response) => tell(response) };
}

describe("exchange", () => {
  it("brings status, headers and body", async () => {
    const { clock, answer } = await ask((_request, response) => {
      response.writeHead(418, { "X-Kind": "teapot" }).end("Ä short answer");
    });
    expect(await answer).toMatchObject({ kind: "answer", status: 418, body: "Ä short answer" });
    const got = await answer;
    expect(got.kind === "answer" && got.headers.get("X-Kind")).toBe("teapot");
    expect(clock.sleeping).toBe(0);
  });

  it("TR-20 sends the form in the body, and asks for JSON", async () => {
    let seen = "";
    const { answer } = await ask(
      async (request, response) => {
        for await (const chunk of request) seen += chunk;
        const { method, url, headers } = request;
        seen += ` ${method} ${url} ${headers.accept} ${headers["content-type"]?.split(";")[0]}`;
        response.end("{}");
      },
      {},
      new URLSearchParams({ code: "4/c" }),
    );
    expect((await answer).kind).toBe("answer");
    expect(seen).toBe("code=4%2Fc POST /token application/json application/x-www-form-urlencoded");
  });

  it.each([301, 302, 303, 307, 308])(
    "TR-20 PF-12 doesn’t follow status %i to another address",
    async (status) => {
      let calls = 0;
      const elsewhere = await aServer((_request, response) => {
        calls += 1;
        response.end("secret");
      });
      const { answer } = await ask((_request, response) => {
        response.writeHead(status, { Location: elsewhere }).end();
      });
      expect(await answer).toMatchObject({ kind: "answer", status });
      expect(calls).toBe(0);
    },
  );

  it("PF-02 gives up when no answer begins in time", async () => {
    const { seen, listener } = whenAsked();
    const { clock, answer } = await ask(listener, { deadlineMs: 5000 });
    await seen;
    await clock.advance(4999);
    expect(clock.sleeping).toBe(1);
    await clock.advance(1);
    expect(await answer).toEqual({ kind: "no_answer", cause: "timeout", detail: "timeout" });
  });

  it("PF-02 gives up when an answer drips and never ends, at the same deadline", async () => {
    const { seen, listener } = whenAsked();
    const { clock, answer } = await ask(listener, { deadlineMs: 5000 });
    const response = await seen;
    const hungUp = new Promise((resolve) => response.on("close", resolve));
    response.writeHead(200, { "Content-Type": "application/json" });
    for (let second = 0; second < 5; second++) {
      response.write("{");
      await clock.advance(1000);
    }
    expect(await answer).toEqual({ kind: "no_answer", cause: "timeout", detail: "timeout" });
    await hungUp;
  });

  it("TR-20 PF-04 takes an answer of the largest size, and none that is larger", async () => {
    const sized = (size: number) =>
      ask((_request, response) => void response.end("x".repeat(size)), { maxBytes: 1000 });
    expect(await (await sized(1000)).answer).toMatchObject({ kind: "answer" });
    expect(await (await sized(1001)).answer).toEqual({
      kind: "no_answer",
      cause: "too_large",
      detail: "too_large",
    });
  });

  it("TR-20 PF-04 hangs up on an answer of ten megabytes", async () => {
    let sent = 0;
    const { answer } = await ask((_request, response) => {
      const chunk = "x".repeat(65_536);
      const send = () => {
        while (sent < 10_000_000 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", send);
        }
        response.end();
      };
      send();
    });
    expect(await answer).toMatchObject({ kind: "no_answer", cause: "too_large" });
    await settle();
    expect(sent).toBeLessThan(10_000_000);
  });

  it("PF-01 LG-06 names a failure by its class, and tells nothing of what was sent", async () => {
    const url = await aServer(() => {});
    open.splice(0).forEach((close) => {
      close();
    });
    const clock = createTestClock();
    const refused = await exchange({ fetch, clock }, { url });
    expect(refused).toEqual({ kind: "no_answer", cause: "network", detail: "ECONNREFUSED" });
    expect(clock.sleeping).toBe(0);

    const { answer } = await ask((request) => void request.socket.destroy());
    expect(await answer).toMatchObject({ kind: "no_answer", cause: "network" });
    expect(JSON.stringify(await answer)).not.toContain("127.0.0.1");
  });

  it("LG-06 has a class for whatever is thrown", async () => {
    const details = [
      new Error("secret"),
      new TypeError("fetch failed", { cause: new RangeError("secret") }),
      new TypeError("fetch failed", {
        cause: Object.assign(new Error("x"), { code: "CERT_HAS_EXPIRED" }),
      }),
      Object.assign(new Error("x"), { code: "a secret text\n" }),
      "secret",
      undefined,
    ].map(async (thrown) => {
      const fetch = () => Promise.reject(thrown);
      const answer = await exchange({ fetch, clock: createTestClock() }, { url: "https://x" });
      return answer.kind === "no_answer" && answer.detail;
    });
    expect(await Promise.all(details)).toEqual([
      "Error",
      "RangeError",
      "CERT_HAS_EXPIRED",
      "Error",
      "unknown",
      "unknown",
    ]);
  });
});

describe("jsonObject", () => {
  it("reads an object", () => {
    expect(jsonObject('{"a":1}')).toEqual({ a: 1 });
  });

  it.each(["", "null", "[]", "1", '"{}"', "{", "<html>"])("makes nothing of %j", (body) => {
    expect(jsonObject(body)).toBeNull();
  });
});
