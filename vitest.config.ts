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
          // A busy machine takes its time over the largest ones.
          testTimeout: 15_000,
          // Nothing in them is shared, so that a fresh world for each file would only cost time.
          pool: "threads",
          isolate: false,
        },
      },
      {
        esbuild: { jsxDev: false },
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          setupFiles: [...setupFiles, "tests/support/as-in-production.ts"],
          // Of React too, which otherwise takes twice as long for a page.
          env: { NODE_ENV: "production" },
          globalSetup: ["tests/support/require-build.ts", "tests/support/share-postgres.ts"],
          // The built server runs as it is, not through Vitest’s own transform.
          server: { deps: { external: [/\/build\/server\//] } },
          // Each file has its own apps and databases. One process for many of them reads the modules
          // and makes the local Google’s keys once: half of the processor’s time.
          pool: "forks",
          isolate: false,
          // Bounds on what hangs, not on what is slow: machines may be busy.
          testTimeout: 30_000,
          hookTimeout: 30_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        test: {
          name: "simulation",
          include: ["tests/simulation/**/*.test.ts"],
          setupFiles,
          // One thing at a time: a run is judged by its virtual time, but its budget is real.
          pool: "forks",
          testTimeout: 240_000,
        },
      },
      { test: { name: "conformance", include: ["tests/conformance/**/*.test.ts"] } },
    ],
  },
});
