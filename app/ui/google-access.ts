const FEATURES: Readonly<Record<string, string>> = {
  calendar: "See your calendar’s events and add new ones",
};

/** What Google lets Latchkey do, in words a person would use. */
export function grantedInWords(features: readonly string[]): string[] {
  return [
    "See your name and picture",
    "See your email address",
    ...features.map((feature) => FEATURES[feature] ?? `Use ${feature}`),
  ];
}
