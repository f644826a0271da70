/** What a log may hold of something thrown: its class, never its text, which may hold anything. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
