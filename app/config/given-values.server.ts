/** White space, and characters that can’t be seen: files and copied text bring them at the ends. */
const AROUND = /^[\s\0\u200B-\u200D\u2060\uFEFF]+|[\s\0\u200B-\u200D\u2060\uFEFF]+$/g;
const QUOTES = ['""', "''", "``", "“”", "‘’", "„“", "«»"];

/**
 * The one place that trims: values of files and of platforms' forms end with a line break more often
 * than not. An empty variable counts as not set, since many platforms can’t tell the two apart.
 */
export function givenValues(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of names) {
    const value = environment[name]?.replace(AROUND, "") ?? "";
    if (value !== "") given[name] = value;
  }
  return given;
}

/** Why a value can’t be what was meant, whichever setting it is for; null where nothing is wrong. */
export function flawOfValue(value: string): string | null {
  const ends = (value.at(0) ?? "") + (value.at(-1) ?? "");
  if (value.length > 1 && QUOTES.includes(ends)) {
    return "must not be in quotes: here they would be part of it";
  }
  // \p{C} has the marks of a text’s direction and other things that nobody sees as well.
  if (/(?![\r\n\t])\p{C}/u.test(value)) return "must not contain invisible characters";
  if (/^(\$\{\w+\}|\$\w+|%\w+%|\{\{.*\}\}|<[^>]*>)$/.test(value)) {
    return "is not filled in: it still is the name of something else";
  }
  return null;
}
