import { expect } from "vitest";
import { startTestApp, type TestApp } from "../../support/test-app";
import { locationOf, type Visitor } from "../../support/visitor";

export const ADA = "ada.lovelace@gmail.com";
export const GRACE = "grace.hopper@gmail.com";
/** For what leaves nothing as it was. */
export const ALAN = "alan.turing@example.org";
export const ASKING = "Your calendar isn’t shared yet";
export const GAP = "Google can’t be reached just now";

type Choice = { account?: string; decision?: "allow" | "cancel"; scopes?: string[] };

/** An app, its Google, and people who have allowed the calendar. */
export interface AgendaWorld {
  app: TestApp;
  /** Asks Google for the calendar as the button on the page does; returns where that leads. */
  askForCalendar(visitor: Visitor, choice?: Choice): Promise<string>;
  /** Somebody signed in who has allowed the calendar: the same browser in each test of a file. */
  withCalendar(account?: string): Promise<Visitor>;
  page(visitor: Visitor, path?: string): Promise<string>;
  refreshes(): number;
  titlesOf(account?: string): (string | undefined)[];
  subOf(account: string): string;
  /** Takes back what a test did, and lets pass what Google or the app rest after a failure. */
  reset(): Promise<void>;
}

export async function startAgendaWorld(): Promise<AgendaWorld> {
  const app = await startTestApp();
  const { control, faults, calls } = app.google;
  const browsers = new Map<string, Visitor>();
  const seeds = new Map([ADA, GRACE].map((account) => [account, control.calendarEvents(account)]));

  const world: AgendaWorld = {
    app,
    async askForCalendar(visitor, choice = {}) {
      const form = { scope: "calendar", returnTo: "/agenda" };
      const started = locationOf(await visitor.post("/auth/google", form));
      return locationOf(await visitor.get(await visitor.answerAtGoogle(started, choice)));
    },
    async withCalendar(account = ADA) {
      const visitor = browsers.get(account) ?? app.visitor();
      if (!browsers.has(account)) {
        await visitor.signIn({ account });
        expect(await world.askForCalendar(visitor)).toBe("/agenda");
        browsers.set(account, visitor);
      }
      calls.clear();
      return visitor;
    },
    async page(visitor, path = "/agenda") {
      const answer = await visitor.get(path);
      return (await answer.text()).replaceAll("<!-- -->", "");
    },
    refreshes: () =>
      calls.list("token").filter((call) => call.grantType === "refresh_token").length,
    titlesOf: (account = ADA) => control.calendarEvents(account).map(({ summary }) => summary),
    subOf: (account) => control.accounts().find(({ email }) => email === account)?.sub ?? "",
    async reset() {
      faults.clear();
      for (const [account, events] of seeds) {
        control.setCalendar(account, { timeZone: "Europe/London", events });
      }
      await app.clock.advance(61_000);
      calls.clear();
      app.log.lines.length = 0;
    },
  };
  return world;
}
