const PLACEHOLDERS =
  /change[-_ ]?(me|this|it)|place[-_ ]?holder|your[-_ ]?(own[-_ ]?)?(session[-_ ]?)?secret|(super|very|top)[-_ ]?secret|(replace|insert|put|generate)[-_ ]?(me|this|with|a|your|here)\b|s3cr3t|todo|x{6,}/i;

/** Fewer different characters than this is a pattern, not a secret: even hex has 16. */
const MIN_DIFFERENT_CHARACTERS = 10;

/**
 * Whether a session secret looks like one that was copied from documentation or typed by pattern.
 * It catches carelessness, not weak randomness: that can’t be seen from one value.
 */
export function isPlaceholderSecret(secret: string): boolean {
  return PLACEHOLDERS.test(secret) || new Set(secret).size < MIN_DIFFERENT_CHARACTERS;
}
