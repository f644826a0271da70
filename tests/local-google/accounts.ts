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

const FIRST_ADDED_SUB = 104_815_162_342_002_000_000n;

/** The people every local Google knows. Subs have the 21 digits of Google’s. */
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

export class Accounts {
  #accounts = new Map<string, Account>();
  #added = 0;
  #origin = "";

  /** Where the pictures are: here, so that no page of the app reaches out to the network for one. */
  open(origin: string): void {
    this.#origin = origin;
    this.reset();
  }

  reset(): void {
    this.#added = 0;
    this.#accounts = new Map();
    for (const account of KNOWN) this.add(account);
    this.#added = 0;
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
    const sub = account.sub ?? String(FIRST_ADDED_SUB + BigInt(this.#added));
    const added: Account = {
      sub,
      email_verified: true,
      name,
      picture: `${this.#origin}/picture/${sub}`,
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
