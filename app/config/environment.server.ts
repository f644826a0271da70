/** The process’s environment: the only place that reads it. */
export function readEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/**
 * Says `production` to libraries that ask when they are loaded. A command can’t on every system’s shell,
 * and React would render by its slow build.
 */
export function declareProduction(): void {
  process.env.NODE_ENV = "production";
}
