import type { Adapter, AdapterPayload } from "oidc-provider";
import { longNames, splitScope } from "./scopes";

type Row = AdapterPayload & { openid?: { scope?: string } };
export type Snapshot = Record<string, [id: string, row: Row][]>;

const TOKENS = ["AccessToken", "RefreshToken", "AuthorizationCode"];
const SURVIVE_A_RESTART = ["Grant", "RefreshToken", "AccessToken", "Session"];
const UNUSED_REFRESH_TOKEN_SECONDS = 182 * 24 * 3600;

/**
 * All that the local Google remembers. Nothing here looks at the time: oidc-provider checks the
 * `exp` of each row that it finds, by the scoped clock, and a clock that is set back finds a token
 * alive again.
 */
export class Store {
  #rows = new Map<string, Map<string, Row>>();
  readonly #clientById: (id: string) => AdapterPayload | undefined;
  readonly #refreshTokenLimit: () => number;
  #changed = () => {};

  constructor(options: {
    clientById: (id: string) => AdapterPayload | undefined;
    refreshTokenLimit: () => number;
  }) {
    this.#clientById = options.clientById;
    this.#refreshTokenLimit = options.refreshTokenLimit;
  }

  onChange(listener: () => void): void {
    this.#changed = listener;
  }

  clear(): void {
    this.#rows = new Map();
    this.#changed();
  }

  adapter = (model: string): Adapter => ({
    find: async (id) => {
      if (model === "Client") return this.#clientById(id);
      const row = this.#of(model).get(id);
      return row && structuredClone(row);
    },
    findByUid: async (uid) => this.#search(model, (row) => row.uid === uid),
    findByUserCode: async () => undefined,
    upsert: async (id, payload) => {
      const row = structuredClone(payload);
      // Google’s refresh answers carry an ID token without the nonce of the sign-in.
      if (model === "RefreshToken") delete row.nonce;
      this.#of(model).set(id, row);
      if (model === "RefreshToken") this.#dropOldestRefreshTokens(row);
      this.#changed();
    },
    consume: async (id) => {
      const row = this.#of(model).get(id);
      if (row) row.consumed = Math.floor(Date.now() / 1000);
      this.#changed();
    },
    destroy: async (id) => {
      this.#of(model).delete(id);
      this.#changed();
    },
    // oidc-provider revokes a whole grant when a code or a rotated token is used twice. All of a
    // person’s devices share one grant here, as at Google, so that would sign out the bystanders.
    revokeByGrantId: async () => {},
  });

  grantOf(accountId: string, clientId: string): { id: string; scopes: string[] } | undefined {
    for (const [id, row] of this.#of("Grant")) {
      if (row.accountId !== accountId || row.clientId !== clientId) continue;
      return { id, scopes: longNames(splitScope(row.openid?.scope)) };
    }
    return undefined;
  }

  setGrantScope(id: string, scope: string): void {
    const row = this.#of("Grant").get(id);
    if (row) row.openid = { ...row.openid, scope };
    this.#changed();
  }

  /** Consent and every token of an account: Google revokes project-wide. */
  revoke(accountId: string): void {
    for (const model of ["Grant", ...TOKENS]) {
      for (const [id, row] of this.#of(model)) {
        if (row.accountId === accountId) this.#of(model).delete(id);
      }
    }
    this.#changed();
  }

  liveRefreshTokens(accountId?: string): string[] {
    return [...this.#of("RefreshToken")]
      .filter(([, row]) => row.consumed === undefined)
      .filter(([, row]) => accountId === undefined || row.accountId === accountId)
      .map(([id]) => id);
  }

  /** The account of a refresh token, used up or not. */
  ownerOf(id: string): string | undefined {
    return this.#of("RefreshToken").get(id)?.accountId;
  }

  /** A refresh token dies when it is not used for half a year; each use starts that again. */
  refreshTokenUsed(id: string): void {
    const row = this.#of("RefreshToken").get(id);
    if (row) row.exp = Math.floor(Date.now() / 1000) + UNUSED_REFRESH_TOKEN_SECONDS;
  }

  snapshot(): Snapshot {
    return Object.fromEntries(SURVIVE_A_RESTART.map((model) => [model, [...this.#of(model)]]));
  }

  restore(snapshot: Snapshot): void {
    for (const model of SURVIVE_A_RESTART) this.#rows.set(model, new Map(snapshot[model] ?? []));
  }

  #of(model: string): Map<string, Row> {
    const known = this.#rows.get(model);
    if (known) return known;
    const rows = new Map<string, Row>();
    this.#rows.set(model, rows);
    return rows;
  }

  #search(model: string, matches: (row: Row) => boolean): Row | undefined {
    for (const row of this.#of(model).values()) if (matches(row)) return structuredClone(row);
    return undefined;
  }

  #dropOldestRefreshTokens({ accountId }: Row): void {
    if (accountId === undefined) return;
    const live = this.liveRefreshTokens(accountId);
    const surplus = Math.max(0, live.length - this.#refreshTokenLimit());
    for (const id of live.slice(0, surplus)) this.#of("RefreshToken").delete(id);
  }
}
