// The production server as `npm start` runs it, but for its clock: the system’s, which the test that
// started this process may put ahead. Whoever sleeps wakes when their moment has come by that clock.
import { start } from "../../build/server/start.js";

const sleepers = new Set();
let aheadMs = 0;
const now = () => Date.now() + aheadMs;

const clock = {
  now,
  sleep(ms, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = { wakesAt: now() + ms, wake };
      const timer = setTimeout(wake, ms);
      sleepers.add(sleeper);
      signal?.addEventListener("abort", wake, { once: true });
      function wake() {
        clearTimeout(timer);
        sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      }
    });
  },
};

process.on("message", (message) => {
  if (message.crash === "throw") setImmediate(() => fail(message.message));
  if (message.crash === "reject") void Promise.reject(new RangeError(message.message));
  if (message.crash) return;
  aheadMs = message.aheadMs ?? aheadMs;
  for (const sleeper of [...sleepers]) if (sleeper.wakesAt <= now()) sleeper.wake();
  process.send?.({ number: message.number, processorMs: processorMs() });
});
// The test is gone, so nobody else would stop this.
process.once("disconnect", () => process.exit());

function processorMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function fail(message) {
  throw new RangeError(message);
}

await start(clock);
