import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";

/** The headless shell first, which is what Playwright’s own is: tests take two thirds of the time. */
const SYSTEM_BROWSERS = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/**
 * The browser for tests: Playwright’s own where it is installed (undefined lets Playwright choose
 * it), else the system’s Chromium.
 *
 * @returns {string | undefined}
 */
export function findBrowser() {
  if (existsSync(chromium.executablePath())) return undefined;
  return SYSTEM_BROWSERS.find((path) => existsSync(path));
}

/** @returns {boolean} */
export function hasBrowser() {
  return existsSync(chromium.executablePath()) || findBrowser() !== undefined;
}
