// `npm run chaos` and `npm run soak`. Vite is here anyway and runs TypeScript as it stands.
import { createServer } from "vite";

const vite = await createServer({
  configFile: false,
  logLevel: "error",
  appType: "custom",
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
});
const { run } = await vite.ssrLoadModule("/tests/chaos/command.ts");
const code = await run(process.argv.slice(2));
await vite.close();
// Whatever the run has left behind by mistake must not hold the terminal.
process.exit(code);
