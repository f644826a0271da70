/** Something that was said, and where. */
export interface Said {
  where: string;
  text: string;
}

/** What the local Google puts in each of its tokens, codes and client secrets. */
const CANARY = "canary";
/** What may be an encoding of something. */
const ENCODED = /[\w+/-]{40,}={0,2}/g;

/**
 * Where a secret was said: as it is, escaped or percent-encoded (the canary stays readable in these),
 * or within base64, one layer deep.
 *
 * @param secrets that have no canary in them, such as code verifiers.
 * @returns where, never what: this is printed.
 */
export function findLeaks(said: Iterable<Said>, secrets: ReadonlySet<string>): string[] {
  const marks = [CANARY, ...[...secrets].filter((secret) => !secret.includes(CANARY))];
  const holds = (text: string) => marks.some((mark) => text.includes(mark));
  const leaks: string[] = [];
  for (const { where, text } of said) {
    if (holds(text)) leaks.push(`${where} holds a secret`);
    const encoded = text.match(ENCODED) ?? [];
    if (encoded.some((run) => holds(Buffer.from(run, "base64").toString("latin1")))) {
      leaks.push(`${where} holds a secret in base64`);
    }
  }
  return leaks;
}
