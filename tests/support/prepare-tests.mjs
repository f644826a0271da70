// The first step of `npm test`.
import { downloadBrowser } from "./download-browser.mjs";
import { hasBrowser } from "./find-browser.mjs";
import { installPackages, isDebianAsRoot, missingPackages } from "./get-packages.mjs";
import { prepareMachine } from "./prepare-machine.mjs";

const ready = await prepareMachine({
  hasBrowser,
  missingPackages,
  isDebianAsRoot,
  installPackages,
  downloadBrowser,
  say: (line) => process.stdout.write(`${line}\n`),
});
// At once: a look for a name that nobody answers would hold the process for longer.
if (!ready) process.exit(1);
