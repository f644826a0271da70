import { execFileSync } from "node:child_process";
import { hasBrowser } from "./find-browser.mjs";
import requireBuild from "./require-build";

/** Gets a browser where there is none, and the build that the tests look at. */
export default function prepareBrowserTests(): void {
  if (!hasBrowser()) {
    execFileSync(process.execPath, ["tests/support/prepare-tests.mjs"], { stdio: "inherit" });
  }
  requireBuild();
}
