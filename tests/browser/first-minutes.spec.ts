import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test as base, expect } from "@playwright/test";
import { freePort } from "../support/free-port";
import { ADA, signInAtGoogle } from "./sign-in-at-google";

/** What `npm run dev` reads of a fresh clone. */
const CLONE = ["app", "tests/local-google", "public", "vite.config.ts", "package.json"];
/** Due at half their life, so that a refresh can be watched. */
const TOKEN_SECONDS = 4;

/** `npm run dev` in a fresh clone, with nothing set up but ports that are free and short-lived tokens. */
const test = base.extend<object, { dev: { origin: string; printed(): string } }>({
  dev: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern.
    async ({}, use) => {
      const clone = mkdtempSync(join(tmpdir(), "latchkey-clone-"));
      for (const name of CLONE) cpSync(name, join(clone, name), { recursive: true });
      // Not the folder as a whole: Vite would find there what an earlier run has made ready.
      mkdirSync(join(clone, "node_modules"));
      for (const name of readdirSync("node_modules")) {
        if (name === ".vite") continue;
        symlinkSync(resolve("node_modules", name), join(clone, "node_modules", name));
      }
      const port = await freePort();
      const child = spawn("npm", ["run", "dev"], {
        cwd: clone,
        env: {
          NODE_ENV: "development",
          PATH: process.env.PATH,
          HOME: process.env.HOME,
          PORT: String(port),
          LOCAL_GOOGLE_PORT: "0",
          LOCAL_GOOGLE_ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS),
        },
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let printed = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          printed += text;
        });
      }
      const exited = once(child, "exit");
      await expect.poll(() => printed, { timeout: 30_000 }).toContain("LOCAL GOOGLE is in use");
      await use({ origin: `http://localhost:${port}`, printed: () => printed });
      // npm, the dev server and esbuild are one group of processes.
      if (child.pid) process.kill(-child.pid, "SIGTERM");
      await exited;
      rmSync(clone, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 60_000 },
  ],
  baseURL: async ({ dev }, use) => use(dev.origin),
});

test("UX-06 a newcomer runs the app with nothing set up, signs in, sees a refresh happen, and signs out", async ({
  page,
  dev,
}) => {
  // React warns in development only, of elements in wrong places and pages that don't match the server's.
  const warnings: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") warnings.push(message.text());
  });
  expect(dev.printed()).toContain(dev.origin);
  expect(dev.printed()).toMatch(/Local Google +http:\/\/localhost:\d+/);
  await page.goto("/");
  await signInAtGoogle(page);
  await page.goto("/dashboard");
  await expect(page.getByText(ADA).first()).toBeVisible();
  const accessEnd = async () => {
    await page.reload();
    const answer = await page.request.get("/api/session");
    const { accessTokenExpiresAt } = (await answer.json()) as { accessTokenExpiresAt: number };
    return accessTokenExpiresAt;
  };
  const first = await accessEnd();
  await expect.poll(accessEnd, { timeout: 20_000 }).toBeGreaterThan(first);
  await expect(page.getByText(ADA).first()).toBeVisible();
  for (const path of ["/", "/agenda", "/account"]) {
    await page.goto(path);
    await page.waitForFunction(() => "__remixRouter" in window);
  }
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByText("You are signed out", { exact: true })).toBeVisible();
  expect(warnings).toEqual([]);
  expect(dev.printed()).not.toMatch(/Warning:|dependencies changed/);
});
