import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "latchkey-line-ends-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kept = join(folder, "kept.git");
/** Git without this machine’s settings, with those of a Windows machine where it checks out. */
function git(...args: string[]): string {
  const env = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const options = { encoding: "utf8", maxBuffer: 10_000_000, stdio: ["ignore", "pipe", "pipe"] };
  return execFileSync("git", args, { ...options, env } as { encoding: "utf8" });
}

describe("a checkout on Windows", () => {
  it.skipIf(spawnSync("git", ["--version"]).status !== 0)(
    "FD-5 has every file byte for byte, with the line ends that the checks want",
    () => {
      const here = ["--git-dir", kept, "--work-tree", process.cwd()];
      git("init", "--quiet", "--bare", kept);
      git("--git-dir", kept, "config", "core.bare", "false");
      git(...here, "-c", "core.autocrlf=false", "add", "--all");
      const author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
      git(...here, ...author, "commit", "--quiet", "--message", "All");
      const there = join(folder, "windows");
      git("clone", "--quiet", "-c", "core.autocrlf=true", "-c", "core.eol=crlf", kept, there);

      const files = git(...here, "ls-files", "-z")
        .split("\0")
        .filter(Boolean);
      expect(files.length).toBeGreaterThan(100);
      const changed = files.filter(
        (file) => !readFileSync(join(there, file)).equals(readFileSync(file)),
      );
      expect(changed).toEqual([]);
    },
  );
});
