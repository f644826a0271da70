import type { Account } from "./accounts";

/** What an app may ask for besides signing in, as the local Google plays it. */
export interface LocalFeature {
  /** As in the app’s own list, `FEATURES` of `app/google/scopes.ts`. A person may untick it. */
  scope: string;
  /** What the consent page says about it. */
  consent: string;
  /**
   * Stubs of the API that it opens, by what the app calls: a path on Google’s API origin, or a whole
   * address at another host of Google’s. One that ends in `/` stands for all below it too. They are
   * asked only with a token that has the scope, and told whose it is.
   */
  api?: Readonly<Record<string, (request: Request, account: Account) => Response>>;
}

const GOOGLE = "https://www.googleapis.com/auth";

/**
 * What the local Google has been taught. A feature of your own has a file beside it that says so, and is
 * named here (README, “A feature of your own”).
 */
export const FEATURES: readonly LocalFeature[] = [
  // The calendar’s API is `calendar-api.ts`: it remembers events, which a stub needn’t.
  {
    scope: `${GOOGLE}/calendar.events`,
    consent: "View and edit events on all your calendars",
  },
  {
    scope: `${GOOGLE}/calendar.readonly`,
    consent: "See and download any calendar you can access",
  },
  {
    scope: `${GOOGLE}/calendar.events.readonly`,
    consent: "View events on all your calendars",
  },
];

/** Where to teach it, for whoever asks for what isn’t here. */
export const TEACH_IT =
  "Teach it in tests/local-google/features.ts: see “A feature of your own” in the README.";
