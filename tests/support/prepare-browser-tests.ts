import { execFileSync } from "node:child_process";
import { hasBrowser } from "./find-browser";
import requireBuild from "./require-build";

/** Gets a browser where there is none, and the build that the tests look at. */
export default function prepareBrowserTests(): void {
  requireBuild();
  if (hasBrowser()) return;
  process.stdout.write("No browser found: installing Playwright's Chromium.\n");
  try {
    execFileSync("npx", ["playwright", "install", "chromium"], { stdio: "inherit" });
  } catch {
    throw new Error(
      "Playwright's Chromium could not be installed. Install Chromium by your system's packages " +
        "(Debian: apt-get install chromium-headless-shell) and run the tests again.",
    );
  }
}
