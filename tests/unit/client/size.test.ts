import { readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { expect, it } from "vitest";

const ENTRY = "virtual:all-of-app-client";
const LIMIT_BYTES = 3000;

it("all of app/client is at most 3 kB, minified and compressed", async () => {
  const files = readdirSync("app/client");
  expect(files).toContain("session-watch.ts");
  const built = await build({
    configFile: false,
    logLevel: "silent",
    esbuild: { jsxDev: false },
    plugins: [
      {
        name: "all-of-app-client",
        resolveId: (id) => (id === ENTRY ? id : undefined),
        load: (id) =>
          id === ENTRY
            ? files.map((file) => `export * from "/app/client/${file}";`).join("\n")
            : undefined,
      },
    ],
    build: {
      write: false,
      target: "es2022",
      minify: "esbuild",
      rollupOptions: {
        input: ENTRY,
        preserveEntrySignatures: "strict",
        external: [/^react(\/|$)/],
        output: { minifyInternalExports: true },
      },
    },
  });
  const [{ output } = { output: [] }] = [built].flat().filter((result) => "output" in result);
  const code = output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
  expect(code).toContain("/api/session");
  expect(gzipSync(code).length).toBeLessThanOrEqual(LIMIT_BYTES);
}, 20_000);
