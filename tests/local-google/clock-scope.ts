import { AsyncLocalStorage } from "node:async_hooks";

export type Clock = { now(): number };

const scope = new AsyncLocalStorage<Clock | undefined>();
const scopedNows = new WeakSet<() => number>();

/**
 * Runs something with the local Google’s clock. oidc-provider and the cookie library read the
 * global `Date.now`; it is replaced once by a function that answers with the clock inside this
 * scope, and with what it answered before everywhere else, so the app under test in the same
 * process keeps its own time. Only `Date.now` is touched: `Date` itself stays the same class.
 */
export function withClock<T>(clock: Clock, run: () => T): T {
  scopeDateNow();
  scopeUrlParse();
  return scope.run(clock, run);
}

/** A clock may itself be made of `Date.now()`: it is read outside the scope, or it would ask itself. */
export function readOutsideScope(clock: Clock): Clock {
  return { now: () => scope.run(undefined, () => clock.now()) };
}

// Asked again on every entry, as fake timers may have put another Date in place since.
function scopeDateNow(): void {
  if (scopedNows.has(Date.now)) return;
  const outside = Date.now.bind(Date);
  const now = () => scope.getStore()?.now() ?? outside();
  scopedNows.add(now);
  Date.now = now;
}

// oidc-provider 9 needs URL.parse, which Node 20 lacks. It appears inside the scope only: code of
// ours that uses it by mistake has to fail on Node 20 in tests too.
function scopeUrlParse(): void {
  if ("parse" in URL) return;
  const parse = (input: string, base?: string): URL | null =>
    URL.canParse(input, base) ? new URL(input, base) : null;
  Object.defineProperty(URL, "parse", {
    configurable: true,
    get: () => (scope.getStore() ? parse : undefined),
  });
}
