import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";

const BUILD = "build/server/index.js";
const SOURCES = ["app", "public", "vite.config.ts", "package-lock.json"];

/** Integration tests run what production runs. Builds it first when it is missing or out of date. */
export default function requireBuild(): void {
  if (existsSync(BUILD) && statSync(BUILD).mtimeMs > newest(SOURCES)) return;
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: "production" };
  execFileSync("npm", ["run", "--silent", "build"], {
    stdio: ["ignore", "ignore", "inherit"],
    env,
  });
}

function newest(paths: readonly string[]): number {
  return Math.max(...paths.map(modifiedAt));
}

function modifiedAt(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return newest(readdirSync(path).map((name) => `${path}/${name}`));
}
