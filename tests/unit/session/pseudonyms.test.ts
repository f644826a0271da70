import { describe, expect, it } from "vitest";
import { hashSessionId } from "../../../app/config/id-hash.server";
import { createPseudonyms } from "../../../app/session/pseudonyms.server";

const [ONE, OTHER] = [
  "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa",
  "Qp7Wm2Xs9Ld4Vb6Nc1Tz8Kf3Jh5Rg0Ye",
] as const;
const ADA = { issuer: "https://accounts.google.com", sub: "110169484474386276334" };
const SESSION = "AAAAAAAAAAAAAAAAAAAAAA";

describe("pseudonyms for the log", () => {
  const names = createPseudonyms([ONE]);

  it("LG-02 LG-03 name the same person and session always alike, in 128 bits that tell nothing", () => {
    expect(names.ofUser(ADA)).toBe(createPseudonyms([ONE, OTHER]).ofUser(ADA));
    expect(names.ofUser(ADA)).toMatch(/^[\w-]{22}$/);
    expect(names.ofSession(SESSION)).toMatch(/^[\w-]{22}$/);
    expect(names.ofUser({ ...ADA, issuer: "https://elsewhere" })).not.toBe(names.ofUser(ADA));
  });

  it("LG-03 can’t be found out without the secret, nor be joined with a dump of the database", () => {
    expect(createPseudonyms([OTHER]).ofUser(ADA)).not.toBe(names.ofUser(ADA));
    expect(hashSessionId(SESSION)).not.toContain(names.ofSession(SESSION));
  });
});
