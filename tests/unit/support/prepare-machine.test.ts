import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { anyAnswers } from "../../support/download-browser.mjs";
import { prepareMachine } from "../../support/prepare-machine.mjs";

const BROWSER = "chromium-headless-shell";

/** A machine that has some of what the tests need, and some ways to get the rest. */
function machine({ missing = [] as string[], debian = false, mirrors = true, download = true }) {
  const lacks = new Set(missing);
  const done: string[] = [];
  const said: string[] = [];
  const ready = prepareMachine({
    hasBrowser: () => !lacks.has(BROWSER),
    missingPackages: () => [...lacks],
    isDebianAsRoot: () => debian,
    async installPackages(packages) {
      done.push(`apt ${packages.join(" ")}`);
      if (!mirrors) return "Could not resolve host";
      for (const name of packages) lacks.delete(name);
      return null;
    },
    async downloadBrowser() {
      done.push("download");
      if (download) lacks.delete(BROWSER);
      return download;
    },
    say: (line) => said.push(line),
  });
  return { ready, done, said };
}

describe("prepareMachine", () => {
  it("FD-8 does and says nothing where nothing is missing", async () => {
    const { ready, done, said } = machine({ debian: true });
    expect([await ready, done, said]).toEqual([true, [], []]);
  });

  it("FD-8 gets what is missing from Debian’s packages as root there, and says so", async () => {
    const missing = [BROWSER, "postgresql", "pgbouncer"];
    const { ready, done, said } = machine({ missing, debian: true });
    expect([await ready, done]).toEqual([true, [`apt ${missing.join(" ")}`]]);
    expect(said).toEqual([
      `Not on this machine yet: getting ${missing.join(", ")} from Debian’s packages.`,
    ]);
  });

  it("FD-8 downloads Playwright’s browser elsewhere, and goes on without the databases", async () => {
    const { ready, done } = machine({ missing: [BROWSER, "postgresql"] });
    expect([await ready, done]).toEqual([true, ["download"]]);
    const rest = machine({ missing: ["postgresql"] });
    expect([await rest.ready, rest.done]).toEqual([true, []]);
  });

  it("FD-8 tries the download on Debian too when the mirrors don’t answer", async () => {
    const { ready, done, said } = machine({ missing: [BROWSER], debian: true, mirrors: false });
    expect([await ready, done]).toEqual([true, [`apt ${BROWSER}`, "download"]]);
    expect(said.join()).toContain("Could not resolve host");
  });

  it("FD-8 says in one sentence what to do where neither works", async () => {
    const { ready, said } = machine({ missing: [BROWSER], download: false });
    expect(await ready).toBe(false);
    expect(said.at(-1)).toMatch(/^The tests need a browser, .* run them again\.$/);
  });
});

describe("looking whether a download can be had", () => {
  it("FD-8 ends although nobody answers", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/chromium.zip`;
    expect(await anyAnswers([url, "http://127.0.0.1:1/chromium.zip"], 100)).toBe(false);
    silent.closeAllConnections();
    silent.close();
  });

  it("FD-8 is content with one that is there, and not with an error", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/there.zip" ? 200 : 404;
      response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await anyAnswers([`${origin}/gone.zip`], 5000)).toBe(false);
    expect(await anyAnswers([`${origin}/gone.zip`, `${origin}/there.zip`], 5000)).toBe(true);
    server.closeAllConnections();
    server.close();
  });
});
