/**
 * Tells Google where to post security events, and has it send one to try the way:
 *
 *   node scripts/register-security-events.mjs KEY.json https://app.example.com/auth/google/events
 *
 * KEY.json is a service account’s key, with the role "RISC Configuration Admin". Run it on your own
 * machine: the server needs no such key. docs/cross-account-protection.md has the steps before it.
 * https://developers.google.com/identity/protocols/risc#register_your_receiver_endpoint
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { importPKCS8, SignJWT } from "jose";

const AUDIENCE = "https://risc.googleapis.com/google.identity.risc.v1beta.RiscManagementService";
const RISC = "https://schemas.openid.net/secevent/risc/event-type";
const OAUTH = "https://schemas.openid.net/secevent/oauth/event-type";

/** Those that the app acts on (app/auth/ending/apply-security-event.server.ts). */
const EVENTS = [
  `${RISC}/sessions-revoked`,
  `${OAUTH}/tokens-revoked`,
  `${OAUTH}/token-revoked`,
  `${RISC}/account-disabled`,
  `${RISC}/account-enabled`,
  `${RISC}/account-credential-change-required`,
  `${RISC}/verification`,
];

const [keyFile, receiver, api = "https://risc.googleapis.com"] = process.argv.slice(2);
if (keyFile === undefined || receiver === undefined || !URL.canParse(receiver)) {
  stop("Usage: node scripts/register-security-events.mjs KEY.json https://…/auth/google/events");
}

const bearer = await authorization(readKey(keyFile));
await call(":update", {
  delivery: {
    delivery_method: "https://schemas.openid.net/secevent/risc/delivery-method/push",
    url: receiver,
  },
  events_requested: EVENTS,
});
say(`Google now posts security events to ${receiver}.`);
const state = randomUUID();
await call(":verify", { state });
say("It was asked to send one to try the way: look for security_event_verification in the log.");

function readKey(file) {
  try {
    const { client_email, private_key, private_key_id } = JSON.parse(readFileSync(file, "utf8"));
    if (client_email && private_key && private_key_id) {
      return { client_email, private_key, private_key_id };
    }
  } catch {
    // What can’t be read is no key either; its text must not be shown.
  }
  return stop(`${file} is not a service account’s JSON key.`);
}

/** A token that the account signs itself, as Google’s page has it: no token endpoint is asked. */
async function authorization({ client_email, private_key, private_key_id }) {
  return new SignJWT({})
    .setProtectedHeader({ alg: "RS256", kid: private_key_id })
    .setIssuer(client_email)
    .setSubject(client_email)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(await importPKCS8(private_key, "RS256"));
}

async function call(method, body) {
  const answer = await fetch(`${api}/v1beta/stream${method}`, {
    method: "POST",
    redirect: "error",
    headers: { Authorization: `Bearer ${bearer}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch((error) => stop(`Google can’t be reached (${error.cause?.code ?? error.name}).`));
  if (!answer.ok) {
    stop(`Google refused stream${method}: ${answer.status} ${(await answer.text()).slice(0, 500)}`);
  }
}

function say(message) {
  process.stdout.write(`${message}\n`);
}

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
