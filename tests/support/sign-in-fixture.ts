import { refreshTokenIds } from "../../app/store/refresh-token-ids.server";
import type { SignIn } from "../../app/store/sign-ins.server";
import type { Store } from "../../app/store/store.server";

/** A moment above 2^40, as real ones are: 32 bits would not hold it. */
export const NOW = 1_795_449_999_123;
export const DAY = 86_400_000;

export const ADA = { issuer: "https://accounts.google.com", sub: "100000000000000000001" };
export const BOB = { issuer: "https://accounts.google.com", sub: "200000000000000000002" };

/** A sign-in of Ada’s on one browser; `change` says what is different. */
export function signIn(
  id: string,
  change: {
    user?: Partial<SignIn["user"]>;
    session?: Partial<SignIn["session"]>;
  } = {},
): SignIn {
  return {
    user: {
      ...ADA,
      name: "Ada Lovelace",
      email: "ada@example.com",
      picture: "https://example.com/ada.png",
      hostedDomain: null,
      ...change.user,
    },
    session: {
      id,
      sealed: { access: `sealed access of ${id} 0`, refresh: `sealed refresh of ${id} 0` },
      refreshTokenIds: refreshTokenIds(`1//refresh-token-of-${id}`),
      seenAt: NOW,
      browser: "Firefox",
      system: "Linux",
      ...change.session,
    },
  };
}

/** Signs Ada in, and fails the test if the store doesn’t record it. */
export async function signedIn(store: Store, ...[id, change]: Parameters<typeof signIn>) {
  const result = await store.recordSignIn(signIn(id, change));
  if (result.kind !== "recorded") throw new Error(`Not recorded: ${result.kind}`);
  return id;
}
