import { execFileSync, spawnSync } from "node:child_process";

/** How long the servers that have Playwright’s browsers may take to answer. */
const ANSWER_MS = 4000;
const PLAYWRIGHT = ["node_modules/@playwright/test/cli.js", "install", "chromium"];

/**
 * Downloads Playwright’s Chromium. Playwright itself tries for minutes where nobody answers, so that is
 * looked at first.
 *
 * @returns {Promise<boolean>} whether it is there.
 */
export async function downloadBrowser() {
  const plan = execFileSync(process.execPath, [...PLAYWRIGHT, "--dry-run"], { encoding: "utf8" });
  const urls = [...plan.matchAll(/https?:\/\/\S+/g)].map(([url]) => url);
  // Node’s fetch doesn’t take the proxy that Playwright’s download takes.
  const proxied = ["HTTPS_PROXY", "https_proxy"].some((name) => process.env[name]);
  if (!proxied && !(await anyAnswers(urls, ANSWER_MS))) return false;
  const env = { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: String(ANSWER_MS), ...process.env };
  return spawnSync(process.execPath, PLAYWRIGHT, { env, stdio: "inherit" }).status === 0;
}

/**
 * @param {readonly string[]} urls
 * @param {number} withinMs
 * @returns {Promise<boolean>} whether one of them is there.
 */
export async function anyAnswers(urls, withinMs) {
  const signal = AbortSignal.timeout(withinMs);
  const looks = urls.map(async (url) => {
    const { ok } = await fetch(url, { method: "HEAD", signal });
    if (!ok) throw new Error(url);
  });
  return Promise.any(looks).then(
    () => true,
    () => false,
  );
}
