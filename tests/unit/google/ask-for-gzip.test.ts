import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askForGzip } from "../../../app/google/ask-for-gzip.server";
import { exchange } from "../../../app/google/http.server";
import { createTestClock } from "../../support/test-clock";

const TEXT = '{"a":"body"}';
const PACKED: Readonly<Record<string, Buffer>> = {
  br: brotliCompressSync(TEXT),
  gzip: gzipSync(TEXT),
  deflate: deflateSync(TEXT),
};

/** Answers in the encoding of its path, whatever it is asked for. */
let last: IncomingMessage["headers"] = {};
const server = createServer((request, response) => {
  last = request.headers;
  const encoding = decodeURIComponent(request.url?.slice(1) ?? "");
  if (encoding) response.setHeader("Content-Encoding", encoding);
  response.end(PACKED[encoding.toLowerCase().split(",").at(-1)?.trim() ?? ""] ?? TEXT);
});
let origin = "";
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const asked = askForGzip(fetch);

describe("askForGzip", () => {
  it("FC-15 asks for gzip and nothing else", async () => {
    await asked(`${origin}/`);
    expect(last["accept-encoding"]).toBe("gzip");
    const headers = { "Accept-Encoding": "br", Accept: "application/json" };
    await asked(`${origin}/`, { headers });
    expect(last).toMatchObject({ "accept-encoding": "gzip", accept: "application/json" });
    await asked(`${origin}/`, { headers: new Headers({ Range: "bytes=0-1" }) });
    expect(last["accept-encoding"]).toBe("identity");
  });

  it.each(["", "gzip", "GZIP", "identity"])("FC-15 unpacks %j", async (encoding) => {
    expect(await (await asked(`${origin}/${encoding}`)).text()).toBe(TEXT);
  });

  it.each(["br", "BR", "deflate", "gzip, br", "zstd"])(
    "FC-15 takes no answer in %s, which is a failure of the network",
    async (encoding) => {
      const path = encodeURIComponent(encoding);
      await expect(asked(`${origin}/${path}`)).rejects.toThrow("fetch failed");
      const http = { fetch: asked, clock: createTestClock() };
      expect(await exchange(http, { url: `${origin}/${path}` })).toEqual({
        kind: "no_answer",
        cause: "network",
        detail: "ENCODING_NOT_ASKED_FOR",
      });
    },
  );

  it("FC-15 lets a header alone pass that says how a body would be packed", async () => {
    const response = await asked(`${origin}/br`, { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});
