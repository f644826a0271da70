import { ACTIONS } from "./actions";
import { createKernel, type Kernel, withPoolAwaited } from "./kernel";
import { createTape, type Draw, generator } from "./tape";
import type { Violation } from "./truth";
import { createWorld, type World } from "./world";

/** A run, as fast-check makes it and makes it smaller. */
export interface Scenario {
  seed: number;
  actions: readonly { kind: number; who: number; wait: number }[];
  /** How many draws of each lane are free; those after them are the plain ones. */
  lanes: Readonly<Record<Lane, number>>;
}

export const LANES = ["world", "turn", "delay", "fault", "pick"] as const;
type Lane = (typeof LANES)[number];

export interface Outcome {
  steps: number;
  violations: readonly Violation[];
  digest: string;
  drawn: readonly Draw[];
  rare: ReadonlyMap<string, number>;
  tokenCalls: number;
  requests: number;
}

const WAITS = [0, 0, 50, 400, 2500];
/** Far more steps than any run takes. */
const LONGEST = 40_000;
const HEALED_WITHIN_MS = 30_000;
const WEIGHED = ACTIONS.flatMap((action) => Array.from({ length: action.weight }, () => action));

let current: Kernel | null = null;

/** Lets runs be played while `work` goes on. */
export function playing<Result>(work: () => Promise<Result>): Promise<Result> {
  return withPoolAwaited(() => current, work);
}

/**
 * Plays one run to its end.
 *
 * @param options.most steps at most; a run that is cut off is judged as far as it came.
 * @param options.expected the draws of the run that this one repeats.
 * @param options.onNote is told what happens, for a story.
 */
export async function play(
  scenario: Scenario,
  options: {
    most?: number;
    expected?: readonly Draw[];
    onNote?: (at: number, text: string) => void;
  } = {},
): Promise<Outcome> {
  const { most = Number.POSITIVE_INFINITY } = options;
  const used = new Map<string, { next: () => number; left: number }>();
  const tape = createTape((lane) => {
    const free = scenario.lanes[lane as Lane] ?? 0;
    const mine = used.get(lane) ?? { next: generator(scenario.seed, lane), left: free };
    used.set(lane, mine);
    return mine.left-- > 0 ? mine.next() : 0;
  }, options.expected);
  const kernel = createKernel(tape, options.onNote ? { onNote: options.onNote } : {});
  current = kernel;
  const world = await createWorld(kernel, scenario.seed);
  try {
    let over = false;
    let failure: unknown = null;
    const script = perform(world, scenario).then(
      () => {
        over = true;
      },
      (error: unknown) => {
        failure = error;
        over = true;
      },
    );
    await kernel.run(() => over || kernel.steps >= Math.min(most, LONGEST));
    if (over) await script;
    else if (kernel.steps >= LONGEST)
      world.truth.violate("no end", "something never comes to its end");
    if (failure !== null) throw failure;
    const { violations } = world.truth;
    const { rare, google, state } = world;
    const { tokenCalls } = google;
    return {
      steps: kernel.steps,
      violations,
      digest: kernel.digest(),
      drawn: tape.drawn,
      rare,
      tokenCalls,
      requests: state.requests,
    };
  } finally {
    for (const { server } of world.servers.values()) server.kill();
    await world.database.remove();
    current = null;
  }
}

async function perform(world: World, scenario: Scenario): Promise<void> {
  const { kernel, browsers } = world;
  const underWay: Promise<void>[] = [];
  // Somebody is there to begin with.
  for (const [index, { kind, who, wait }] of [SIGNS_IN, ...scenario.actions].entries()) {
    const action = WEIGHED[kind % WEIGHED.length];
    const browser = browsers[who % browsers.length];
    if (!action || !browser) throw new RangeError("There is no such action.");
    kernel.note(`${browser.name} ${action.name}`);
    underWay.push(action.run(world, browser));
    const pause = WAITS[wait % WAITS.length] ?? 0;
    await kernel.wait("world", "goes on", index === 0 ? pause + 3000 : pause);
  }
  await Promise.all(underWay);
  await heal(world);
}

const SIGNS_IN = { kind: 0, who: 0, wait: 4 };

async function heal(world: World): Promise<void> {
  const { kernel, state, truth, browsers } = world;
  state.healing = true;
  state.away = false;
  state.google = null;
  kernel.note("all faults stop");
  for (const [name, { server }] of world.servers) if (!server.alive) world.boot(name);
  const until = kernel.now() + HEALED_WITHIN_MS;
  await Promise.all(
    browsers.map(async (browser) => {
      while (kernel.now() < until) {
        await world.request(browser, "GET", "/dashboard.data");
        await kernel.wait(browser.name, "looks again soon", 3000);
      }
    }),
  );
  for (const browser of browsers) {
    const session = world.sessionIn(browser.jar.header());
    if (session === null) continue;
    const answer = await world.request(browser, "GET", "/dashboard");
    const still = world.sessionIn(browser.jar.header());
    // Where it has ended, its reason was judged.
    if (still?.id !== session.id || answer?.status !== 200) continue;
    if (!answer.body.includes('"status":"ok"') && !world.google.isDead(still.tokens.refreshToken)) {
      truth.violate("not healed", `${browser.name} is signed in, and has no data after 30 s`);
    }
  }
  if (state.inFlight > 0) truth.violate("no answer", `${state.inFlight} requests have none`);
}
