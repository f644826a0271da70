import type { AdapterPayload } from "oidc-provider";
import { BRAND } from "../../app/brand/brand";
import { Accounts } from "./accounts";
import { Calendars } from "./calendars";
import { CallLog } from "./call-log";
import type { Clock } from "./clock-scope";
import { Faults } from "./faults";
import { defaultSettings, type Settings } from "./settings";
import { type SigningKey, SigningKeys } from "./signing-keys";
import { type Snapshot, Store } from "./store";
import { newClient } from "./token-values";

export type SavedState = {
  clientId: string;
  clientSecret: string;
  keys: SigningKey[];
  store: Snapshot;
};

/** Everything a local Google knows, shared by the pieces that answer. */
export class GoogleState {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: Set<string>;
  readonly clock: Clock;
  readonly accounts = new Accounts();
  readonly calendars = new Calendars();
  readonly calls = new CallLog();
  readonly faults = new Faults();
  readonly store: Store;
  readonly keys: SigningKeys;
  /** Hears what nobody has taught. */
  readonly tell: (message: string) => void;
  readonly #accessTokenSeconds: number | undefined;
  settings: Settings;
  /** Codes that may be exchanged for a refresh token. */
  codesWithOfflineAccess = new Set<string>();
  /** What went wrong inside, where the answer could only say `server_error`. */
  errors: Error[] = [];
  issuer = "";

  constructor(options: {
    clock: Clock;
    redirectUris: string[];
    accessTokenSeconds?: number;
    tell?: (message: string) => void;
    saved?: SavedState;
  }) {
    const { clock, redirectUris, accessTokenSeconds, saved } = options;
    const { clientId, clientSecret } = saved ?? newClient();
    this.clientId = clientId;
    this.clientSecret = clientSecret;
    this.clock = clock;
    this.redirectUris = new Set(redirectUris);
    this.tell = options.tell ?? (() => {});
    this.#accessTokenSeconds = accessTokenSeconds;
    this.settings = defaultSettings(accessTokenSeconds);
    this.keys = new SigningKeys(saved?.keys);
    this.store = new Store({
      clientById: (id) => (id === this.clientId ? this.#client() : undefined),
      refreshTokenLimit: () => this.settings.refreshTokenLimit,
    });
    if (saved) this.store.restore(saved.store);
  }

  /** The address is known only when the server listens. */
  open(issuer: string): void {
    this.issuer = issuer;
    this.accounts.open(issuer);
  }

  reset(): void {
    this.faults.clear();
    this.calls.clear();
    this.accounts.reset();
    this.calendars.reset();
    this.store.clear();
    this.codesWithOfflineAccess.clear();
    this.settings = defaultSettings(this.#accessTokenSeconds);
    this.errors = [];
  }

  save(): SavedState {
    const { clientId, clientSecret } = this;
    return { clientId, clientSecret, keys: this.keys.list(), store: this.store.snapshot() };
  }

  #client(): AdapterPayload {
    return {
      client_id: this.clientId,
      client_secret: this.clientSecret,
      client_name: BRAND.name,
      redirect_uris: [...this.redirectUris],
      response_types: ["code"],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "client_secret_post",
    };
  }
}
