import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Random } from "../config/random.server";
import { deriveKeys, type Purpose, type PurposeKey } from "./key-ring.server";

export type Unsealed =
  | { ok: true; text: string; key: SealedWith }
  /** `unknown_key`: of this app’s own form, by a secret that this process doesn’t have. */
  | { ok: false; reason: "malformed" | "unknown_key" | "tampered" };

/** The key that had sealed a value; `position` 1 is the one that seals now. */
export type SealedWith = Pick<PurposeKey, "id" | "position">;

/** Seals text so that only this app can read it and nobody can change it unnoticed. */
export interface Sealer {
  seal(text: string): string;
  unseal(sealed: string): Unsealed;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A sealer for one purpose: compact JWE (RFC 7516), `alg: dir`, `enc: A256GCM`, with a `kid` and a
 * `typ` per purpose, so that any JOSE library can check it.
 *
 * Node’s own AES does the work (ADR 0003). No algorithm is ever negotiated: a header is accepted
 * only if it is byte for byte one that this sealer writes.
 */
export function createSealer(
  purpose: Purpose,
  secrets: readonly [string, ...string[]],
  random: Random,
): Sealer {
  const keys = deriveKeys(secrets, purpose);
  const headers = new Map([...keys.byId.values()].map((key) => [headerFor(purpose, key), key]));
  const currentHeader = headerFor(purpose, keys.current);

  return {
    seal(text) {
      const iv = random.bytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", keys.current.bytes, iv);
      // RFC 7516 5.1 step 14: the encoded header is the additional authenticated data.
      cipher.setAAD(Buffer.from(currentHeader, "ascii"));
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      const parts = [iv, sealed, cipher.getAuthTag()].map((part) =>
        Buffer.from(part).toString("base64url"),
      );
      // `dir` has no encrypted key, so the second part is empty.
      return [currentHeader, "", ...parts].join(".");
    },

    unseal(value) {
      const [header, encryptedKey, iv, sealed, tag, ...more] = value.split(".");
      if (
        header === undefined ||
        encryptedKey !== "" ||
        iv === undefined ||
        sealed === undefined ||
        tag === undefined ||
        more.length > 0
      ) {
        return { ok: false, reason: "malformed" };
      }
      const key = headers.get(header);
      if (key === undefined) {
        return { ok: false, reason: isOurForm(header, purpose) ? "unknown_key" : "malformed" };
      }

      const ivBytes = decodeExactly(iv);
      const sealedBytes = decodeExactly(sealed);
      const tagBytes = decodeExactly(tag);
      if (
        ivBytes?.length !== IV_BYTES ||
        tagBytes?.length !== TAG_BYTES ||
        sealedBytes === undefined
      ) {
        return { ok: false, reason: "malformed" };
      }
      const decipher = createDecipheriv("aes-256-gcm", key.bytes, ivBytes, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(header, "ascii"));
      decipher.setAuthTag(tagBytes);
      try {
        const text = Buffer.concat([decipher.update(sealedBytes), decipher.final()]);
        return {
          ok: true,
          text: text.toString("utf8"),
          key: { id: key.id, position: key.position },
        };
      } catch {
        // The only failure of `final` is a tag that doesn’t match: somebody changed the value.
        return { ok: false, reason: "tampered" };
      }
    },
  };
}

function headerFor(purpose: Purpose, key: Pick<PurposeKey, "id">): string {
  const header = { alg: "dir", enc: "A256GCM", kid: key.id, typ: `latchkey-${purpose}` };
  return Buffer.from(JSON.stringify(header)).toString("base64url");
}

/** Whether a header is byte for byte what this app writes, but for the key. */
function isOurForm(header: string, purpose: Purpose): boolean {
  const [, id] = /"kid":"([\w-]{8})"/.exec(Buffer.from(header, "base64url").toString()) ?? [];
  return id !== undefined && headerFor(purpose, { id }) === header;
}

/** Node’s decoder skips what it doesn’t know; a second spelling of the same value must not pass. */
function decodeExactly(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}
