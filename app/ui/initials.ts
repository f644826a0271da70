function firstCharacter(word: string | undefined): string {
  return [...(word ?? "")][0] ?? "";
}

/** One or two letters that stand for a person: of the first and of the last word of the name. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const last = words.length > 1 ? words.at(-1) : undefined;
  return (firstCharacter(words[0]) + firstCharacter(last)).toUpperCase() || "?";
}
