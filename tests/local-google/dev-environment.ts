import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadEnv } from "vite";
import { isLoopback } from "../../app/config/origin-setting.server";
import type { LocalGoogle, LocalGoogleOptions } from "./local-google";

const SESSION_SECRET_FILE = "data/session-secret";
const STATE_FILE = "data/local-google.json";

export type FilledIn = { notice: string[]; undo: () => Promise<void> };

/**
 * Fills in what the environment leaves open, with a local Google where no client is given.
 *
 * @param appOrigin where the dev server listens.
 * @param tell hears what the app asks for that the local Google doesn’t know.
 */
export async function fillInEnvironment(
  mode: string,
  root: string,
  appOrigin = "http://localhost:3000",
  tell: (message: string) => void = () => {},
): Promise<FilledIn> {
  const names: string[] = [];
  const fillIn = (name: string, value: string) => {
    if (process.env[name]) return;
    names.push(name);
    process.env[name] = value;
  };

  for (const [name, value] of Object.entries(loadEnv(mode, root, ""))) fillIn(name, value);
  fillIn("APP_ORIGIN", appOrigin);
  if (!process.env.SESSION_SECRET) {
    fillIn("SESSION_SECRET", sessionSecret(join(root, SESSION_SECRET_FILE)));
  }

  let google: LocalGoogle | undefined;
  const notice: string[] = [];
  if (!process.env.GOOGLE_CLIENT_ID) {
    google = await startBeside(process.env.APP_ORIGIN ?? "", join(root, STATE_FILE), tell);
    const { clientId, clientSecret, issuer } = google;
    // A half-set client would mix two Googles: these four go together.
    Object.assign(process.env, { GOOGLE_CLIENT_SECRET: "", GOOGLE_ISSUER: "" });
    process.env.GOOGLE_API_ORIGIN = "";
    fillIn("GOOGLE_CLIENT_ID", clientId);
    fillIn("GOOGLE_CLIENT_SECRET", clientSecret);
    fillIn("GOOGLE_ISSUER", issuer);
    fillIn("GOOGLE_API_ORIGIN", issuer);
    notice.push(...noticeOf(issuer, process.env.APP_ORIGIN ?? ""));
  }
  return {
    notice,
    undo: async () => {
      for (const name of names) delete process.env[name];
      await google?.stop();
    },
  };
}

// Made once and kept, so that a restart signs nobody out.
function sessionSecret(file: string): string {
  try {
    const kept = readFileSync(file, "utf8").trim();
    if (kept) return kept;
  } catch {
    // none yet
  }
  const secret = randomBytes(32).toString("base64url");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}

async function startBeside(
  appOrigin: string,
  stateFile: string,
  tell: (message: string) => void,
): Promise<LocalGoogle> {
  // Not loaded before it is needed: `vite build` reads this module too.
  const { startLocalGoogle } = await import("./local-google");
  const host = process.env.HOST;
  const options: LocalGoogleOptions = {
    port: Number(process.env.LOCAL_GOOGLE_PORT || 4400),
    // Where the app is open to others, so that a browser outside of a container can sign in too. Not
    // at one address alone: the app itself asks at localhost.
    host: host === "0.0.0.0" || host === "::" ? host : "127.0.0.1",
    redirectUris: [`${appOrigin}/auth/google/callback`],
    accessTokenSeconds: Number(process.env.LOCAL_GOOGLE_ACCESS_TOKEN_SECONDS || 3600),
    stateFile,
    tell,
  };
  try {
    return await startLocalGoogle(options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return startLocalGoogle({ ...options, port: 0 });
  }
}

function noticeOf(issuer: string, appOrigin: string): string[] {
  const elsewhere = !URL.canParse(appOrigin) || !isLoopback(new URL(appOrigin).hostname);
  return [
    "",
    "  No GOOGLE_CLIENT_ID is set: the LOCAL GOOGLE is in use, which is not Google.",
    `  App           ${appOrigin}`,
    `  Local Google  ${issuer}`,
    ...(elsewhere
      ? ["  Only a browser that reaches the local Google there can sign in: for others use Google."]
      : []),
    "  To watch a refresh within a minute: LOCAL_GOOGLE_ACCESS_TOKEN_SECONDS=60 npm run dev",
    "",
  ];
}
