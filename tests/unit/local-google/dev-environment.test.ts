import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fillInEnvironment } from "../../local-google/dev-environment";
import { GoogleVisitor } from "../../local-google/google-visitor";

const NAMES = [
  ...["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GOOGLE_ISSUER", "GOOGLE_API_ORIGIN"],
  ...["APP_ORIGIN", "SESSION_SECRET", "LOCAL_GOOGLE_PORT", "LOCAL_GOOGLE_ACCESS_TOKEN_SECONDS"],
];
const outside = { ...process.env };
let root: string;

beforeEach(async () => {
  for (const name of NAMES) delete process.env[name];
  process.env.LOCAL_GOOGLE_PORT = "0";
  root = await mkdtemp(join(tmpdir(), "dev-environment-"));
});
afterEach(async () => {
  process.env = { ...outside };
  await rm(root, { recursive: true });
});

it("starts a local Google where no client is given, and says so", async () => {
  const { notice, undo } = await fillInEnvironment("development", root);
  const { GOOGLE_ISSUER, GOOGLE_CLIENT_ID, GOOGLE_API_ORIGIN, APP_ORIGIN } = process.env;
  expect(APP_ORIGIN).toBe("http://localhost:3000");
  expect(GOOGLE_API_ORIGIN).toBe(GOOGLE_ISSUER);
  expect(notice.join("\n")).toMatch(/LOCAL GOOGLE is in use, which is not Google/);
  expect(notice.join("\n")).toContain(GOOGLE_ISSUER);
  expect(notice.join("\n")).toContain(APP_ORIGIN);

  const redirectUri = "http://localhost:3000/auth/google/callback";
  const query = `client_id=${GOOGLE_CLIENT_ID}&redirect_uri=${redirectUri}&response_type=code&scope=openid`;
  const walk = await new GoogleVisitor().authorize(`${GOOGLE_ISSUER}/o/oauth2/v2/auth?${query}`);
  expect(walk.callbackUrl).toContain(redirectUri);

  await undo();
  expect(NAMES.filter((name) => process.env[name])).toEqual(["LOCAL_GOOGLE_PORT"]);
  await expect(fetch(`${GOOGLE_ISSUER}`)).rejects.toThrow();
});

it("makes a session secret once, for this person’s eyes only", async () => {
  await (await fillInEnvironment("development", root)).undo();
  const file = join(root, "data/session-secret");
  const made = (await readFile(file, "utf8")).trim();
  expect(Buffer.from(made, "base64url")).toHaveLength(32);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { undo } = await fillInEnvironment("development", root);
  expect(process.env.SESSION_SECRET).toBe(made);
  await undo();
});

it("leaves what .env or the environment says, and the real Google where it is set", async () => {
  await writeFile(join(root, ".env"), "GOOGLE_CLIENT_ID=from-file\nAPP_ORIGIN=http://from.file\n");
  process.env.APP_ORIGIN = "http://from.environment";
  const { notice, undo } = await fillInEnvironment("development", root);
  expect(notice).toEqual([]);
  expect(process.env).toMatchObject({
    GOOGLE_CLIENT_ID: "from-file",
    APP_ORIGIN: "http://from.environment",
  });
  expect(process.env.GOOGLE_ISSUER).toBeUndefined();
  await undo();
});

it("goes to a free port where its own is taken", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));
  const { port } = squatter.address() as AddressInfo;
  process.env.LOCAL_GOOGLE_PORT = String(port);
  const { undo } = await fillInEnvironment("development", root);
  expect(process.env.GOOGLE_ISSUER).toMatch(/^http:\/\/localhost:\d+$/);
  expect(process.env.GOOGLE_ISSUER).not.toBe(`http://localhost:${port}`);
  await undo();
  squatter.close();
});
