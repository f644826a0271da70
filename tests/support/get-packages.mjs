import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hasBrowser } from "./find-browser.mjs";

/** How long Debian’s servers may take until they have sent something. */
const SILENCE_MS = 4000;

/** @returns {boolean} whether programs can be had by Debian’s own packages here. */
export function isDebianAsRoot() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return false;
  return /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
}

/** @returns {string[]} the packages of Debian’s that have what the tests need and isn’t here. */
export function missingPackages() {
  const missing = [];
  if (!hasBrowser()) missing.push("chromium-headless-shell");
  if (!hasPostgres()) missing.push("postgresql");
  if (!existsSync("/usr/sbin/pgbouncer")) missing.push("pgbouncer");
  return missing;
}

function hasPostgres() {
  const versions = "/usr/lib/postgresql";
  if (!existsSync(versions)) return false;
  return readdirSync(versions).some((version) => existsSync(`${versions}/${version}/bin/initdb`));
}

/**
 * Installs packages, without what they only recommend, and starts no service of theirs.
 *
 * @param {readonly string[]} packages
 * @returns {Promise<string | null>} null when they are there, else what apt-get said.
 */
export async function installPackages(packages) {
  const options = ["-o", "Acquire::Retries=0", "-o", "DPkg::Lock::Timeout=120"];
  const updated = await runApt([...options, "update"], SILENCE_MS);
  if (updated !== null) return updated;
  return withoutServices(() =>
    runApt([...options, "install", "-y", "--no-install-recommends", ...packages]),
  );
}

/**
 * @param {readonly string[]} args
 * @param {number} [silenceMs] given up when nothing was had from a server by then.
 * @returns {Promise<string | null>}
 */
function runApt(args, silenceMs) {
  return new Promise((resolve) => {
    const apt = spawn("/usr/bin/apt-get", args, {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    const limit = silenceMs && setTimeout(() => apt.kill(), silenceMs);
    for (const stream of [apt.stdout, apt.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        said += text;
        if (limit && /^(Get|Hit):\d/m.test(said)) clearTimeout(limit);
      });
    }
    apt.on("error", (error) => resolve(error.message));
    apt.on("close", (code) => {
      if (limit) clearTimeout(limit);
      // Since apt 2: an update that could fetch nothing at all has code 0, and says so.
      const failed = code !== 0 || (silenceMs && !/^(Get|Hit):\d/m.test(said));
      resolve(failed ? said.trim().split("\n").slice(-5).join("\n") || "no answer" : null);
    });
  });
}

/**
 * Debian starts a service as soon as it is installed, unless this file forbids it (invoke-rc.d(8)). The
 * tests start and stop their own.
 *
 * @template T
 * @param {() => Promise<T>} install
 * @returns {Promise<T>}
 */
async function withoutServices(install) {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) return install();
  const remove = () => rmSync(policy, { force: true });
  process.once("exit", remove);
  try {
    writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
    return await install();
  } finally {
    remove();
    process.off("exit", remove);
  }
}
