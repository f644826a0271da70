export type Account = {
  sub: string;
  email: string;
  email_verified: boolean;
  name: string;
  given_name?: string;
  family_name?: string;
  picture?: string;
  hd?: string;
};

export type NewAccount = Partial<Account> & { email: string };

/** The people every local Google knows. Subs have the 21 digits of Google's. */
const KNOWN: readonly Account[] = [
  {
    sub: "104815162342001000001",
    email: "ada.lovelace@gmail.com",
    email_verified: true,
    name: "Ada Lovelace",
    given_name: "Ada",
    family_name: "Lovelace",
  },
  {
    sub: "104815162342001000002",
    email: "grace.hopper@gmail.com",
    email_verified: true,
    name: "Grace Hopper",
    given_name: "Grace",
    family_name: "Hopper",
  },
  {
    sub: "104815162342001000003",
    email: "alan.turing@example.org",
    email_verified: true,
    name: "Alan Turing",
    given_name: "Alan",
    family_name: "Turing",
    hd: "example.org",
  },
  {
    sub: "104815162342001000004",
    email: "mary.shelley@example.net",
    email_verified: false,
    name: "Mary Shelley",
    given_name: "Mary",
    family_name: "Shelley",
  },
];

// An inline picture, so that no page of the app reaches out to the network for it.
function portrait(name: string): string {
  const letter = /\p{L}/u.exec(name)?.[0] ?? "?";
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><rect width="96" height="96" fill="#5f6368"/><text x="48" y="62" font-family="sans-serif" font-size="44" fill="#fff" text-anchor="middle">${letter}</text></svg>`;
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
}

export class Accounts {
  #accounts = new Map<string, Account>();
  #added = 0;

  constructor() {
    this.reset();
  }

  reset(): void {
    this.#added = 0;
    this.#accounts = new Map(
      KNOWN.map((account) => [account.sub, { picture: portrait(account.name), ...account }]),
    );
  }

  list(): Account[] {
    return [...this.#accounts.values()];
  }

  /** By sub or by email, as `login_hint` may be either. */
  find(subOrEmail: string | undefined): Account | undefined {
    if (subOrEmail === undefined) return undefined;
    const email = subOrEmail.toLowerCase();
    return (
      this.#accounts.get(subOrEmail) ??
      this.list().find((account) => account.email.toLowerCase() === email)
    );
  }

  add(account: NewAccount): Account {
    this.#added += 1;
    const name = account.name ?? account.email.split("@")[0] ?? account.email;
    const added: Account = {
      sub: String(104_815_162_342_002n * 1_000_000n + BigInt(this.#added)),
      email_verified: true,
      name,
      picture: portrait(name),
      ...account,
    };
    this.#accounts.set(added.sub, added);
    return added;
  }

  /** A change to `undefined` takes the claim away. */
  change(
    subOrEmail: string,
    changes: { [claim in keyof Account]?: Account[claim] | undefined },
  ): Account {
    const account = this.find(subOrEmail);
    if (!account) throw new Error(`The local Google has no account ${subOrEmail}`);
    const entries = Object.entries({ ...account, ...changes, sub: account.sub });
    const changed = Object.fromEntries(
      entries.filter(([, value]) => value !== undefined),
    ) as Account;
    this.#accounts.set(account.sub, changed);
    return changed;
  }

  remove(subOrEmail: string): void {
    const account = this.find(subOrEmail);
    if (account) this.#accounts.delete(account.sub);
  }
}
