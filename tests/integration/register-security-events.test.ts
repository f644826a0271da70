import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { jwtVerify } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const SCRIPT = "scripts/register-security-events.mjs";
const RECEIVER = "https://app.example.com/auth/google/events";
const AUDIENCE = "https://risc.googleapis.com/google.identity.risc.v1beta.RiscManagementService";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const account = {
  client_email: "risc@project.iam.gserviceaccount.com",
  private_key_id: "key-1",
  private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
};

const folder = mkdtempSync(join(tmpdir(), "latchkey-risc-"));
const keyFile = join(folder, "key.json");
const calls: { path: string; authorization: string; body: Record<string, unknown> }[] = [];
let status = 200;

/** Stands for Google’s management of security events, of which there is no local copy. */
const riscApi = createServer(async (request, response) => {
  const body = JSON.parse(await text(request)) as Record<string, unknown>;
  calls.push({
    path: request.url ?? "",
    authorization: request.headers.authorization ?? "",
    body,
  });
  response.writeHead(status, { "Content-Type": "application/json" }).end("{}");
});
let api = "";

beforeAll(async () => {
  writeFileSync(keyFile, JSON.stringify(account));
  await new Promise<void>((resolve) => riscApi.listen(0, "127.0.0.1", resolve));
  api = `http://127.0.0.1:${(riscApi.address() as AddressInfo).port}`;
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await new Promise((resolve) => riscApi.close(resolve));
});
beforeEach(() => {
  calls.length = 0;
  status = 200;
});

async function register(key = keyFile): Promise<{ code: number; said: string }> {
  const run = promisify(execFile)(process.execPath, [SCRIPT, key, RECEIVER, api]);
  return run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
}

describe("registering for Google’s security events", () => {
  it("names the receiver and every event that the app acts on, then asks for one to try", async () => {
    expect(await register()).toMatchObject({ code: 0 });
    expect(calls.map(({ path }) => path)).toEqual([
      "/v1beta/stream:update",
      "/v1beta/stream:verify",
    ]);
    const [update, verify] = calls;
    expect(update?.body).toMatchObject({ delivery: { url: RECEIVER } });
    expect(verify?.body).toEqual({ state: expect.stringMatching(/^[\w-]{36}$/) });
    const requested = update?.body.events_requested as string[];
    const acting = readFileSync("app/auth/ending/decide-security-event.server.ts", "utf8");
    const acted = [...acting.matchAll(/case `\$\{(RISC|OAUTH)\}([\w-]+)`/g)].map(
      ([, family, name]) => `${family?.toLowerCase()}/event-type/${name}`,
    );
    expect(acted).toHaveLength(7);
    expect(requested.map((type) => type.split("/secevent/")[1]).sort()).toEqual(acted.sort());
  });

  it("proves who it is by a token that the service account signs for this API", async () => {
    await register();
    const token = calls[0]?.authorization.replace("Bearer ", "") ?? "";
    const { payload, protectedHeader } = await jwtVerify(token, publicKey, {
      audience: AUDIENCE,
      issuer: account.client_email,
      subject: account.client_email,
    });
    expect(protectedHeader).toEqual({ alg: "RS256", kid: "key-1" });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
  });

  it("says what Google answered, and that a file is no key, without showing it", async () => {
    status = 403;
    expect(await register()).toEqual({
      code: 1,
      said: "Google refused stream:update: 403 {}\n",
    });
    expect(calls).toHaveLength(1);
    const other = join(folder, "other.json");
    writeFileSync(other, "a secret that is no key");
    const refused = await register(other);
    expect(refused).toEqual({ code: 1, said: `${other} is not a service account’s JSON key.\n` });
  });
});
