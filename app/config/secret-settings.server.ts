import { z } from "zod";
import { isPlaceholderSecret } from "./secret-strength.server";

const INNER_SPACE = "must not contain spaces or line breaks";

/** `SESSION_SECRET`. No value ever reaches a message: messages go to logs and terminals. */
export const sessionSecrets = z
  .string()
  .transform((text, context): readonly [string, ...string[]] => {
    const [first = "", ...rest] = text.split(",").map((secret) => secret.trim());
    const all: [string, ...string[]] = [first, ...rest];
    all.forEach((secret, index) => {
      const which = all.length > 1 ? `secret ${index + 1} of ${all.length} ` : "";
      const problem = flawOfSecret(secret);
      if (problem) context.addIssue({ code: "custom", message: which + problem });
    });
    if (new Set(all).size !== all.length) {
      context.addIssue({ code: "custom", message: "contains the same secret twice" });
    }
    return all;
  });

function flawOfSecret(secret: string): string | null {
  if (/\s/.test(secret)) return `${INNER_SPACE} (openssl breaks long lines; join them)`;
  if (secret.length < 32) return "must be at least 32 characters";
  if (!isPlaceholderSecret(secret)) return null;
  return "is a placeholder or too regular; make one with: openssl rand -base64 48";
}

/**
 * A client’s id or secret (RFC 6749 A.1, A.2), narrower by what no provider uses and a careless copy
 * brings: spaces, quotes and commas.
 */
export const clientCredential = z
  .string()
  .refine((text) => !/\s/.test(text), INNER_SPACE)
  .refine((text) => !/["'`,]/.test(text), "must not contain quotes or commas")
  .refine((text) => /^[\s!-~]*$/.test(text), "must be plain ASCII, as the console shows it");

/** What `Authorization: Bearer` can carry (RFC 6750 2.1). */
export const bearerToken = z
  .string()
  .min(16, "must be at least 16 characters")
  .refine((text) => !/\s/.test(text), INNER_SPACE)
  .refine(
    (text) => /^(\s|[\w.~+/-])+=*$/.test(text),
    "must be letters, digits and -._~+/ only; make one with: openssl rand -hex 24",
  );
