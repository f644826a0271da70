import { NO_ANSWER, NO_REASON } from "./traffic";

/** What a run has counted. */
export interface Figures {
  requests: number;
  answers: ReadonlyMap<string, number>;
  /** Token calls that renew, by Google’s log, and how many of them it granted. */
  refreshes: { asked: number; granted: number };
  signIns: number;
  signOuts: {
    asked: number;
    /** One-use tokens that died with a process, each proved. */
    lostWithProcess: string[];
    /** Each told; there must be none. */
    unasked: string[];
  };
  /** Sessions that had ended, told so, and were served again. */
  undone: number;
  faults: ReadonlyMap<string, number>;
  /** From the end of each episode until everybody had a whole page, in ms. */
  healedAfterMs: number[];
  /** Episodes after which somebody had none within the bound. */
  unhealed: string[];
}

/** What a run must not have: a sentence each. */
export function violationsOf(figures: Figures): string[] {
  const { signOuts, undone, unhealed, answers } = figures;
  const broken = [NO_ANSWER, NO_REASON].flatMap((kind) => {
    const count = answers.get(kind) ?? 0;
    return count === 0 ? [] : [`${count} requests: ${kind}`];
  });
  return [
    ...signOuts.unasked.map((story) => `signed out, and nobody had asked for it: ${story}`),
    ...(undone === 0 ? [] : [`${undone} ended sessions were served again`]),
    ...unhealed.map((story) => `not healed: ${story}`),
    ...broken,
  ];
}

/** The figures as lines for people. */
export function tellFigures(figures: Figures): string {
  const { requests, answers, refreshes, signIns, signOuts, faults, healedAfterMs } = figures;
  const list = (counts: ReadonlyMap<string, number>) =>
    [...counts]
      .sort()
      .map(([kind, count]) => `${kind}: ${count}`)
      .join(", ");
  const seconds = healedAfterMs.map((ms) => ms / 1000).sort((a, b) => a - b);
  const middle = seconds[Math.floor(seconds.length / 2)] ?? 0;
  return [
    `faults              ${list(faults)}`,
    `requests            ${requests}`,
    `answers             ${list(answers)}`,
    `refreshes           ${refreshes.asked} asked for, ${refreshes.granted} granted`,
    `sign-ins            ${signIns}`,
    `sign-outs           ${signOuts.asked} asked for, ${signOuts.unasked.length} not asked for, ` +
      `${signOuts.lostWithProcess.length} whose one-use token died with a killed process (proved)`,
    `ended, served again ${figures.undone}`,
    `time to heal        ${middle.toFixed(1)} s in the middle, ${(seconds.at(-1) ?? 0).toFixed(1)} s at most, of ${seconds.length}`,
  ].join("\n");
}
