import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), resolved: z.string().optional() }),
  ),
});
const { packages } = lockSchema.parse(JSON.parse(readFileSync("package-lock.json", "utf8")));

/** Every copy of a package that the lock file installs, wherever it lies. */
function copiesOf(name: string): string[] {
  return Object.keys(packages).filter((path) => path.endsWith(`node_modules/${name}`));
}

const versionAt = (path: string) =>
  z.object({ version: z.string() }).parse(JSON.parse(readFileSync(`${path}/package.json`, "utf8")))
    .version;

describe("the dependencies", () => {
  // CVE-2026-53668: Remix 2.17.5 asks for the releases before. Nobody mends Remix 2 any more.
  it.each([
    ["@remix-run/router", "1.23.4"],
    ["react-router", "6.30.6"],
    ["react-router-dom", "6.30.6"],
  ])("FC-16 have one %s below Remix, of the release without known holes", (name, version) => {
    const copies = copiesOf(name);
    expect(copies).toEqual([`node_modules/${name}`]);
    expect(copies.map((path) => [packages[path]?.version, versionAt(path)])).toEqual([
      [version, version],
    ]);
  });

  it("FC-16 name no host to come from but the public registry", () => {
    const hosts = Object.values(packages).map(({ resolved = "https://registry.npmjs.org" }) => {
      return new URL(resolved).host;
    });
    expect([...new Set(hosts)]).toEqual(["registry.npmjs.org"]);
  });
});
