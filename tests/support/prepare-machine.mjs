/**
 * What a machine can do for itself before the tests run.
 *
 * @typedef {object} Machine
 * @property {() => boolean} hasBrowser
 * @property {() => string[]} missingPackages
 * @property {() => boolean} isDebianAsRoot
 * @property {(packages: readonly string[]) => Promise<string | null>} installPackages
 * @property {() => Promise<boolean>} downloadBrowser
 * @property {(line: string) => void} say
 */

/**
 * Gets what the tests need and isn’t here. On Debian as root: browser, PostgreSQL and PgBouncer from
 * Debian’s packages. Elsewhere Playwright’s browser by its own download; without the databases, the
 * tests that need them are left out, and the run says so.
 *
 * @param {Machine} machine
 * @returns {Promise<boolean>} false where there is no browser and none can be had, which it has said.
 */
export async function prepareMachine(machine) {
  const missing = machine.missingPackages();
  if (missing.length > 0 && machine.isDebianAsRoot()) {
    machine.say(`Not on this machine yet: getting ${missing.join(", ")} from Debian’s packages.`);
    const problem = await machine.installPackages(missing);
    if (problem !== null) machine.say(`Debian’s packages can’t be had just now:\n${problem}`);
  }
  if (machine.hasBrowser()) return true;
  machine.say("No browser found: getting Playwright’s Chromium.");
  if (await machine.downloadBrowser()) return true;
  machine.say(
    "The tests need a browser, and none can be downloaded here: install Chromium " +
      "(Debian: apt-get install chromium-headless-shell) and run them again.",
  );
  return false;
}
