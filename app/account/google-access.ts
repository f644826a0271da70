import { isFeature, needsOf } from "../google/scopes";

/** What Google lets the app do, in words a person would use. */
export function grantedInWords(features: readonly string[]): string[] {
  return [
    "See your name and picture",
    "See your email address",
    ...features.filter(isFeature).map((feature) => needsOf(feature).purpose),
  ];
}
