import { hkdfSync } from "node:crypto";
import fc from "fast-check";
import { CompactEncrypt, compactDecrypt } from "jose";
import { describe, expect, it } from "vitest";
import { systemRandom } from "../../../app/config/random.server";
import type { Purpose } from "../../../app/session/key-ring.server";
import { createSealer } from "../../../app/session/seal.server";
import { createTestRandom } from "../../support/test-random";

const SECRET = "vJ3q8Zk0Yw5t1LrXc7Bn9Hs2Md4Gf6Pa";
const NEW_SECRET = "Pq2Wm7Xs4Ve9Rt1Ky6Uj3Ih8Og5Nb0Lc";
const TEXT = '{"mail":"ada@example.com","at":"ya29.access","rt":"1//refresh"}';
const ENCODER = new TextEncoder();

function aSealer(purpose: Purpose = "session", secrets: [string, ...string[]] = [SECRET]) {
  return createSealer(purpose, secrets, systemRandom);
}

/** The key as anybody can compute it who has the secret (RFC 5869), without our code. */
function derived(secret: string, info: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "latchkey/v1", info, bytes));
}

function headerOf(secret: string, purpose: Purpose) {
  const kid = derived(secret, `kid:${purpose}`, 6).toString("base64url");
  return { alg: "dir", enc: "A256GCM", kid, typ: `latchkey-${purpose}` };
}

/** Another library’s seal, under a header of our choice. */
function sealedByJose(header: { alg: string; enc: string }, key: Uint8Array): Promise<string> {
  return new CompactEncrypt(ENCODER.encode(TEXT)).setProtectedHeader(header).encrypt(key);
}

function reversed<T extends object>(header: T): T {
  return Object.fromEntries(Object.entries(header).reverse()) as T;
}

/** The value with its part of this place put through `change`. */
function withPart(sealed: string, place: number, change: (part: string) => string): string {
  return sealed
    .split(".")
    .map((part, index) => (index === place ? change(part) : part))
    .join(".");
}

describe("createSealer", () => {
  it("SC-03 opens what it has sealed", () => {
    const sealer = aSealer();
    expect(sealer.unseal(sealer.seal(TEXT))).toEqual({
      ok: true,
      text: TEXT,
      key: { id: expect.any(String), position: 1 },
    });
  });

  it("SC-03 seals a JWE that jose opens with a key derived independently", async () => {
    const opened = await compactDecrypt(aSealer().seal(TEXT), derived(SECRET, "key:session", 32));
    expect(new TextDecoder().decode(opened.plaintext)).toBe(TEXT);
    expect(opened.protectedHeader).toEqual(headerOf(SECRET, "session"));
  });

  it("opens a JWE that jose has sealed", async () => {
    const sealed = await sealedByJose(
      headerOf(SECRET, "session"),
      derived(SECRET, "key:session", 32),
    );
    expect(aSealer().unseal(sealed)).toMatchObject({ ok: true, text: TEXT });
  });

  it("SC-03 uses a fresh 96-bit IV for every seal, so that no two are alike", () => {
    const sealer = aSealer();
    const sealed = Array.from({ length: 1000 }, () => sealer.seal(TEXT));
    const ivs = sealed.map((value) => value.split(".")[2] ?? "");
    expect(new Set(sealed).size).toBe(1000);
    expect(new Set(ivs).size).toBe(1000);
    expect(ivs.every((iv) => Buffer.from(iv, "base64url").length === 12)).toBe(true);
  });

  it("SC-03 shows nothing of the text to somebody who decodes the value", () => {
    const bytes = aSealer()
      .seal(TEXT)
      .split(".")
      .map((part) => Buffer.from(part, "base64url").toString("latin1"))
      .join();
    for (const word of ["ada", "example", "ya29", "1//", "mail"]) {
      expect(bytes).not.toContain(word);
    }
  });

  it("SC-03 opens any text that was sealed, whatever is in it", () => {
    const sealer = createSealer("session", [SECRET], createTestRandom());
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 2000 }), (text) => {
        expect(sealer.unseal(sealer.seal(text))).toMatchObject({ ok: true, text });
      }),
    );
  });

  it("SC-04 refuses a value in which any bit of any byte was changed", () => {
    const sealer = aSealer();
    const sealed = Buffer.from(sealer.seal(TEXT), "latin1");
    const accepted: string[] = [];
    for (let index = 0; index < sealed.length; index++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(sealed);
        changed.writeUInt8(sealed.readUInt8(index) ^ (1 << bit), index);
        if (sealer.unseal(changed.toString("latin1")).ok) accepted.push(`${index}, bit ${bit}`);
      }
    }
    expect(accepted).toEqual([]);
  });

  it("SC-04 refuses a value that was cut off anywhere, or added to", () => {
    const sealer = aSealer();
    const sealed = sealer.seal(TEXT);
    for (let length = 0; length < sealed.length; length++) {
      expect(sealer.unseal(sealed.slice(0, length)).ok, `${length} characters`).toBe(false);
    }
    for (const more of ["A", "=", ".", ".AAAA", " ", "\n"]) {
      expect(sealer.unseal(sealed + more).ok, JSON.stringify(more)).toBe(false);
    }
  });

  it("SC-04 refuses whatever else somebody sends, without throwing", () => {
    const sealer = aSealer();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(sealer.unseal(Buffer.from(bytes).toString("latin1")).ok).toBe(false);
      }),
    );
    const header = sealer.seal(TEXT).split(".")[0];
    for (const rest of ["", "....", "..AA.AA.AA", ".x.x.x.x", ".AAAA.AAAA.AAAA.AAAA"]) {
      expect(sealer.unseal(header + rest).ok, rest).toBe(false);
    }
  });

  it.each<[Purpose, Purpose]>([
    ["sign-in", "session"],
    ["login-hint", "session"],
    ["session", "sign-in"],
    ["session", "login-hint"],
  ])("SC-04 SC-06 refuses a %s value where a %s value is expected", (from, to) => {
    const sealed = aSealer(from).seal(TEXT);
    expect(aSealer(to).unseal(sealed)).toEqual({ ok: false, reason: "malformed" });
  });

  it("SC-04 SC-06 refuses another purpose’s value even under this purpose’s header", () => {
    const [header = ""] = aSealer("session").seal(TEXT).split(".");
    const relabelled = withPart(aSealer("sign-in").seal(TEXT), 0, () => header);
    expect(aSealer("session").unseal(relabelled)).toEqual({ ok: false, reason: "tampered" });
  });

  it("SC-06 derives a key of its own for every purpose and every secret", () => {
    const keys = ["session", "sign-in", "login-hint"].flatMap((purpose) =>
      [SECRET, NEW_SECRET].map((secret) => derived(secret, `key:${purpose}`, 32).toString("hex")),
    );
    expect(new Set(keys).size).toBe(6);
  });

  describe("accepts no header but the very one that it writes", () => {
    const key = derived(SECRET, "key:session", 32);
    const header = headerOf(SECRET, "session");

    it.each([
      ["another order of its members", reversed(header)],
      ["one member more", { ...header, zzz: "1" }],
      ["no type", { ...header, typ: undefined }],
      ["another type", { ...header, typ: "JWT" }],
      ["no key id", { ...header, kid: undefined }],
    ])("SC-04 refuses %s, although the key is right", async (_what, other) => {
      const sealed = await sealedByJose(other, key);
      expect(aSealer().unseal(sealed)).toEqual({ ok: false, reason: "malformed" });
    });

    it.each([
      ["A256GCMKW", "A256GCM", key],
      ["A256KW", "A256GCM", key],
      ["dir", "A128GCM", key.subarray(0, 16)],
      ["dir", "A256CBC-HS512", Buffer.concat([key, key])],
    ])("SC-04 refuses the algorithms %s and %s", async (alg, enc, otherKey) => {
      const sealed = await sealedByJose({ ...header, alg, enc }, new Uint8Array(otherKey));
      expect(aSealer().unseal(sealed).ok).toBe(false);
    });

    it("SC-04 refuses an encrypted key, which `dir` has none of", () => {
      const sealed = withPart(aSealer().seal(TEXT), 1, () => "AAAA");
      expect(aSealer().unseal(sealed)).toEqual({ ok: false, reason: "malformed" });
    });

    it("SC-04 refuses a second spelling of the same bytes", () => {
      const sealed = aSealer().seal(TEXT);
      // 16 bytes are 22 characters, of which the last has four bits that mean nothing.
      const respelled = withPart(sealed, 4, (tag) => {
        const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return tag.slice(0, -1) + (alphabet[alphabet.indexOf(tag.slice(-1)) + 1] ?? "");
      });
      const tagBytes = (value: string) => Buffer.from(value.split(".")[4] ?? "", "base64url");
      expect(tagBytes(respelled)).toEqual(tagBytes(sealed));
      expect(aSealer().unseal(respelled)).toEqual({ ok: false, reason: "malformed" });

      for (const spelling of [`${sealed}==`, sealed.replaceAll("-", "+").replaceAll("_", "/")]) {
        if (spelling !== sealed) expect(aSealer().unseal(spelling).ok, spelling).toBe(false);
      }
    });

    it("SC-04 refuses a shortened tag, although its bytes are right", () => {
      const sealed = withPart(aSealer().seal(TEXT), 4, (tag) =>
        Buffer.from(tag, "base64url").subarray(0, 12).toString("base64url"),
      );
      expect(aSealer().unseal(sealed)).toEqual({ ok: false, reason: "malformed" });
    });
  });

  describe("with more than one secret", () => {
    it("SC-07 seals with the first and opens with all", () => {
      const before = aSealer("session", [SECRET]);
      const during = aSealer("session", [NEW_SECRET, SECRET]);
      const old = before.seal(TEXT);
      expect(during.unseal(old)).toMatchObject({ ok: true, key: { position: 2 } });

      const renewed = during.seal(TEXT);
      const after = aSealer("session", [NEW_SECRET]);
      expect(after.unseal(renewed)).toMatchObject({ ok: true, key: { position: 1 } });
    });

    it("SC-07 FE-12 knows a value of a secret that was dropped for one of an unknown key", () => {
      const sealed = aSealer("session", [SECRET]).seal(TEXT);
      expect(aSealer("session", [NEW_SECRET]).unseal(sealed)).toEqual({
        ok: false,
        reason: "unknown_key",
      });
    });
  });
});
