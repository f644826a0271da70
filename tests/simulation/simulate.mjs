// Bundles the simulator with the real code, or with a copy that has a planted defect, and runs it:
//   npm run simulate -- --seed S --steps N
//   node tests/simulation/simulate.mjs --defect NAME --seed S --steps N
//   node tests/simulation/simulate.mjs --defects     each of them, and how many runs it took
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** @type {Defect[]} */
const defects = JSON.parse(readFileSync(new URL("defects.json", import.meta.url), "utf8"));

/** @typedef {{ name: string, file: string, find: string, replace: string, steps: number }} Defect */

/**
 * Plants a defect in the copy that is bundled. A patch that fits nowhere, or twice, is an error.
 *
 * @param {Defect} defect
 * @returns {import("vite").Plugin}
 */
function plant(defect) {
  let planted = 0;
  return {
    name: "latchkey:planted-defect",
    enforce: "pre",
    transform(code, id) {
      if (!id.endsWith(`/${defect.file}`)) return null;
      const pieces = code.split(defect.find);
      if (pieces.length !== 2) throw new Error(`${defect.name} fits ${pieces.length - 1} times`);
      planted += 1;
      return pieces.join(defect.replace);
    },
    buildEnd(error) {
      if (!error && planted !== 1) throw new Error(`${defect.name}: ${defect.file} isn’t there`);
    },
  };
}

/** @param {Defect} [defect] */
async function bundle(defect) {
  const outDir = `${root}node_modules/.cache/simulation/${defect?.name ?? "real"}`;
  await build({
    root,
    configFile: false,
    logLevel: "error",
    esbuild: { jsx: "automatic" },
    plugins: defect ? [plant(defect)] : [],
    build: {
      ssr: "tests/simulation/main.ts",
      target: "node20",
      outDir,
      emptyOutDir: true,
      minify: false,
      rollupOptions: {
        // Remix makes it; here routesOfApp does.
        external: ["virtual:remix/server-build"],
        output: { format: "es", entryFileNames: "main.mjs" },
      },
    },
  });
  return `${outDir}/main.mjs`;
}

/** @param {string} program @param {string[]} args @param {import('node:child_process').StdioOptions} stdio */
function run(program, args, stdio) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, NODE_ENV: "production" };
  return spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    env,
    stdio,
    encoding: "utf8",
  });
}

const args = process.argv.slice(2);
const at = args.indexOf("--defect");
if (args[0] === "--defects") {
  let missed = 0;
  const only = args[1] ? defects.filter((each) => each.name === args[1]) : defects;
  for (const defect of only) {
    const program = await bundle(defect);
    const { stdout, stderr, status } = run(
      program,
      ["--seed", "1", "--steps", String(defect.steps), "--first", "--quiet"],
      "pipe",
    );
    const runs = /runs=(\d+)/.exec(stdout)?.[1];
    // It broke down, which is no finding.
    if (runs === undefined) throw new Error(`${defect.name}: ${stdout}${stderr}`);
    if (status !== 1) missed += 1;
    process.stdout.write(`${status === 1 ? "found " : "MISSED"} ${defect.name}, runs: ${runs}\n`);
  }
  process.exit(missed === 0 ? 0 : 1);
}
let defect;
if (at >= 0) {
  const [, name] = args.splice(at, 2);
  defect = defects.find((each) => each.name === name);
  if (!defect) throw new Error(`There is no defect "${name}".`);
}
process.exit(run(await bundle(defect), args, "inherit").status ?? 1);
