import type { Log } from "../config/log.server";

const MAX_FRAMES = 20;
/** What V8 writes for a frame: at most a name of code, then a place in a file. */
const FRAME =
  /^ {4}at (?:[\w$.<>[\] ]{1,100} \()?(?:file:\/\/\/?|node:|\/|[A-Z]:\\)[^\s()?]{1,200}:\d+:\d+\)?$/;

/**
 * Where something broke, without a word of what it worked on: an error’s message may hold a token or
 * an address.
 */
export function describeCrash(error: unknown): { cause: string; stack: string } {
  if (!(error instanceof Error)) return { cause: `thrown ${typeof error}`, stack: "" };
  const { name, message, stack = "" } = error;
  // Its lines might look like frames.
  const afterMessage = stack.slice(message === "" ? 0 : stack.indexOf(message) + message.length);
  const frames = afterMessage.split("\n").filter((line) => FRAME.test(line));
  return {
    cause: /^\w{1,64}$/.test(name) ? name : "Error",
    stack: frames
      .slice(0, MAX_FRAMES)
      .map((line) => line.trim())
      .join("\n"),
  };
}

/**
 * What nobody caught, a rejected promise included, has left the process in a state that nobody knows:
 * it says where, and exits with 1, for its supervisor to start it anew.
 */
export function exitOnCrash(log: Log): void {
  process.on("uncaughtException", (error, origin) => {
    try {
      log.error("sys_crash", { origin, ...describeCrash(error), alarm: true });
    } finally {
      // The log writes what it still holds when the process exits.
      process.exit(1);
    }
  });
}
