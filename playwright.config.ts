import { defineConfig } from "@playwright/test";
import { findBrowser } from "./tests/support/find-browser.mjs";

const executablePath = findBrowser();

export default defineConfig({
  testDir: "tests/browser",
  globalSetup: "tests/support/prepare-browser-tests.ts",
  outputDir: "test-results",
  reporter: "list",
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  timeout: 60_000,
  use: {
    trace: "retain-on-failure",
    launchOptions: {
      ...(executablePath && { executablePath }),
      args: [
        // Root can’t have Chromium’s sandbox; the rest keeps it from calling home.
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
      ],
    },
  },
});
