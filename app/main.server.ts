// What `npm start` and `npm run admin` run: `build/server/index.js`. Being the entry is what starts it,
// not how its path was written. The app itself is loaded afterwards, so that this is also the place for
// whatever has to be set before, such as V8's flags.
import { declareProduction } from "./config/environment.server";
import { boundHeapGrowth } from "./process/heap-growth.server";

declareProduction();
boundHeapGrowth();
const [command, ...args] = process.argv.slice(2);
if (command === "admin") {
  const { administer } = await import("./admin/administer.server");
  await administer(args);
} else if (command !== undefined) {
  process.stderr.write(`There is no command "${command}": it is admin, or none to start.\n`);
  process.exitCode = 1;
} else {
  const { start } = await import("./start.server");
  await start();
}
