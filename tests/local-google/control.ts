import type { Account, NewAccount } from "./accounts";
import type { CalendarEvent } from "./calendars";
import type { GoogleState } from "./google-state";
import { everyName } from "./scopes";
import { type SecurityEventOrder, securityEventToken } from "./security-event-tokens";
import type { TokenSizes } from "./settings";

export type Control = {
  accounts(): Account[];
  /** Missing claims are made up: a sub of 21 digits, a verified email, a name, a picture. */
  addAccount(account: NewAccount): Account;
  /** A change to `undefined` takes the claim away. */
  changeAccount(
    subOrEmail: string,
    changes: { [claim in keyof Account]?: Account[claim] | undefined },
  ): Account;
  removeAccount(subOrEmail: string): void;
  /** What is in a person’s primary calendar; seeded around now unless set. */
  calendarEvents(subOrEmail: string): CalendarEvent[];
  /** What an event lacks is made up. */
  setCalendar(
    subOrEmail: string,
    calendar: { timeZone?: string; events: Partial<CalendarEvent>[] },
  ): void;
  /** The person takes the app’s access away at Google: its tokens and the consent are gone. */
  revokeGrant(subOrEmail: string): void;
  /** What the person’s consent covers from now on; existing refresh tokens give at most that. */
  setGrantedScopes(subOrEmail: string, scopes: string[]): void;
  setTokenSizes(sizes: TokenSizes): void;
  setAccessTokenSeconds(seconds: number): void;
  /** On: a refresh token is good for one use, and each refresh returns the next. */
  rotateRefreshTokens(on: boolean): void;
  /** On: no sign-in returns a refresh token, whatever it asked for. */
  withholdRefreshTokens(on: boolean): void;
  sendIdTokenOnRefresh(on: boolean): void;
  /** Live refresh tokens for each account, 100 at Google. The oldest beyond dies silently. */
  setRefreshTokenLimit(limit: number): void;
  liveRefreshTokens(subOrEmail?: string): string[];
  /** Whose refresh token this is or was: the sub. */
  ownerOf(refreshToken: string): string | undefined;
  rotateKeys(): void;
  setJwksMaxAge(seconds: number): void;
  /** Shifts the `Date` header of every answer against the clock. */
  setDateSkew(ms: number): void;
  /** A security event token, signed, to be posted to the app. */
  sendSecurityEvent(order: SecurityEventOrder): Promise<string>;
  /** What went wrong inside the local Google itself; empty unless it has a bug. */
  errors(): Error[];
  reset(): void;
};

export function controlOf(state: GoogleState, keysChanged: () => void): Control {
  const { accounts, store } = state;
  const subOf = (subOrEmail: string) => accounts.find(subOrEmail)?.sub ?? subOrEmail;
  return {
    accounts: () => accounts.list(),
    addAccount: (account) => accounts.add(account),
    changeAccount: (subOrEmail, changes) => accounts.change(subOrEmail, changes),
    removeAccount: (subOrEmail) => accounts.remove(subOrEmail),
    calendarEvents: (subOrEmail) => state.calendars.of(subOf(subOrEmail), state.clock.now()).events,
    setCalendar: (subOrEmail, calendar) => state.calendars.set(subOf(subOrEmail), calendar),
    revokeGrant: (subOrEmail) => store.revoke(subOf(subOrEmail)),
    setGrantedScopes: (subOrEmail, scopes) => {
      const grant = store.grantOf(subOf(subOrEmail), state.clientId);
      if (!grant) throw new Error(`${subOrEmail} has granted nothing yet`);
      store.setGrantScope(grant.id, everyName(scopes).join(" "));
    },
    setTokenSizes: (sizes) => {
      state.settings.tokenSizes = sizes;
    },
    setAccessTokenSeconds: (seconds) => {
      state.settings.accessTokenSeconds = seconds;
    },
    rotateRefreshTokens: (on) => {
      state.settings.rotateRefreshTokens = on;
    },
    withholdRefreshTokens: (on) => {
      state.settings.withholdRefreshTokens = on;
    },
    sendIdTokenOnRefresh: (on) => {
      state.settings.idTokenOnRefresh = on;
    },
    setRefreshTokenLimit: (limit) => {
      state.settings.refreshTokenLimit = limit;
    },
    liveRefreshTokens: (subOrEmail) =>
      store.liveRefreshTokens(subOrEmail === undefined ? undefined : subOf(subOrEmail)),
    ownerOf: (refreshToken) => store.ownerOf(refreshToken),
    rotateKeys: () => {
      state.keys.rotate();
      keysChanged();
    },
    setJwksMaxAge: (seconds) => {
      state.settings.jwksMaxAge = seconds;
    },
    setDateSkew: (ms) => {
      state.settings.dateSkew = ms;
    },
    sendSecurityEvent: (order) => securityEventToken(state, order),
    errors: () => state.errors,
    reset: () => state.reset(),
  };
}
