import type { Random } from "../../../app/config/random.server";
import type { Http } from "../../../app/google/http.server";
import { createTestClock, type TestClock } from "../../support/test-clock";
import { createTestLog, type TestLog } from "../../support/test-log";

/** What comes back for one call: an answer, a failure of the network, or nothing at all. */
export type Play = () => Response | Error | "silence";

export interface Call {
  url: string;
  init: RequestInit;
  /** What was posted, as a form. */
  form: Record<string, string>;
  /** The test clock’s time. */
  at: number;
}

export interface ScriptedHttp extends Http {
  clock: TestClock;
  random: Random;
  log: TestLog;
  calls: Call[];
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Play {
  return () => Response.json(body, { status, headers });
}

export function text(body: string, status = 200, headers: Record<string, string> = {}): Play {
  return () => new Response(body, { status, headers });
}

export const silence: Play = () => "silence";

/** As Node’s fetch fails: the reason is in the error’s cause. */
export function networkError(code: string): Play {
  const cause = Object.assign(new Error("private text"), { code });
  return () => new TypeError("fetch failed", { cause });
}

/** A network that plays these answers one after the other, the last one again and again. */
export function scriptedHttp(...plays: Play[]): ScriptedHttp {
  const clock = createTestClock();
  const calls: Call[] = [];
  const fetch = async (input: string | URL | Request, init: RequestInit = {}) => {
    const form = init.body instanceof URLSearchParams ? Object.fromEntries(init.body) : {};
    calls.push({ url: String(input), init, form, at: clock.now() });
    const play = plays[Math.min(calls.length, plays.length) - 1];
    const played = play?.() ?? new Error("no answer was scripted");
    if (played instanceof Error) throw played;
    if (played !== "silence") return played;
    return new Promise<Response>((_resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
    });
  };
  const random = { bytes: (size: number) => new Uint8Array(size) };
  return { fetch, clock, calls, random, log: createTestLog() };
}
