import { domainToASCII } from "node:url";
import { z } from "zod";

/** A domain as it is compared: in lower case, other scripts in ASCII (RFC 5891); empty where it is none. */
export function asciiDomain(text: string): string {
  // Node reads the host of a URL: "example.com/x" would be example.com to it.
  return /^[a-z\d.\-\u0080-\u{10FFFF}]+$/iu.test(text) ? domainToASCII(text) : "";
}

const DOMAIN = /^([a-z\d]([a-z\d-]*[a-z\d])?\.)+(xn--[a-z\d-]*[a-z\d]|[a-z]{2,})$/;

/**
 * `ALLOWED_HOSTED_DOMAINS`. An entry that can’t be a domain would let nobody in, and a list that has
 * nothing but commas would let everybody in.
 */
export const hostedDomains = z.string().transform((text, context): string[] => {
  const entries = text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const fail = (message: string) => context.addIssue({ code: "custom", message });
  if (entries.length === 0) fail("must name a domain; anyone may sign in when it is not set");
  return entries.map((entry) => {
    const domain = asciiDomain(entry);
    if (!DOMAIN.test(domain)) {
      fail(
        `must list domains such as example.com, without @, wildcard or address: ${quoted(entry)}`,
      );
    }
    return domain;
  });
});

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
