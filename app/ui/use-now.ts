import { useEffect, useState } from "react";

const EVERY = 30_000;

/**
 * The server’s now, kept moving while the page is open. Only the time that has passed since is read
 * from the browser’s clock, so a browser whose clock is wrong still tells the truth.
 */
export function useNow(now: number): number {
  const [tick, setTick] = useState({ from: now, passed: 0 });
  useEffect(() => {
    const since = Date.now();
    const timer = setInterval(() => {
      setTick({ from: now, passed: Math.max(0, Date.now() - since) });
    }, EVERY);
    return () => clearInterval(timer);
  }, [now]);
  return tick.from === now ? now + tick.passed : now;
}
