/** Waits for all of them at once, by name. The first that fails is what fails. */
export async function allOf<T extends Record<string, unknown>>(
  promises: T,
): Promise<{ [Name in keyof T]: Awaited<T[Name]> }> {
  const entries = Object.entries(promises).map(async ([name, value]) => [name, await value]);
  return Object.fromEntries(await Promise.all(entries));
}
