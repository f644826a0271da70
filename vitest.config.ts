import { defineConfig } from "vitest/config";

const setupFiles = ["tests/support/fail-on-console.ts"];

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/unit/**/*.test.ts"],
          setupFiles,
          // Nothing in them is shared, so that a fresh world for each file would only cost time.
          pool: "threads",
          isolate: false,
        },
      },
      {
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          setupFiles,
          globalSetup: ["tests/support/require-build.ts", "tests/support/share-postgres.ts"],
          // The built server runs as it is, not through Vitest's own transform.
          server: { deps: { external: [/\/build\/server\//] } },
          testTimeout: 15_000,
          expect: { poll: { timeout: 5000 } },
        },
      },
      { test: { name: "conformance", include: ["tests/conformance/**/*.test.ts"] } },
    ],
  },
});
