import type { Clock } from "../config/clock.server";
import { limitsAt, type SessionLimits } from "../session/limits.server";
import type { Store } from "../store/store.server";

/** `text` is for people: the answer, or what went wrong; `audit` for the log, of what was tried. */
export interface AdminResult {
  ok: boolean;
  text: string;
  audit?: AdminAudit;
}

/** Who gave the command can’t be known. */
export interface AdminAudit {
  command: string;
  /** Whose sessions; absent for everybody’s, and where nobody is known by that name. */
  about?: Key;
  /** How many it ended. */
  sessions?: number;
}

const USAGE = `Usage: npm run admin -- <command>

  list-sessions <email or sub>  who that is, and where they are signed in
  end-sessions <sub>            sign one person out everywhere
  end-all                       sign everybody out everywhere
  disable <sub>                 sign one person out everywhere, and let them in no more
  enable <sub>                  let them in again

A running app follows within seconds.`;

const UNAVAILABLE: Done = { ok: false, text: "The database is away. Please try again." };
/** The person is told that somebody ended the session from elsewhere, which is so. */
const REASON = "ended_elsewhere";

type Key = { issuer: string; sub: string };

/** What the commands work with. */
export interface AdminParts {
  store: Store;
  clock: Clock;
  limits: SessionLimits;
  issuer: string;
}

/** One command of the operator’s (SO-10). People are named by `sub`: an email may be several’s. */
export async function runAdminCommand(
  parts: AdminParts,
  args: readonly string[],
): Promise<AdminResult> {
  const { store, issuer } = parts;
  const [command = "", who, ...rest] = args;
  if (command === "end-all" && who === undefined) {
    return audited({ command }, await endAll(store));
  }
  if (who === undefined || rest.length > 0) return { ok: false, text: USAGE };
  const key = { issuer, sub: who };
  switch (command) {
    case "list-sessions":
      return audited({ command }, await listSessions(parts, who));
    case "end-sessions":
      return audited({ command, about: key }, await endSessions(store, key));
    case "disable":
      return audited({ command, about: key }, await setDisabled(store, key, true));
    case "enable":
      return audited({ command, about: key }, await setDisabled(store, key, false));
    default:
      return { ok: false, text: USAGE };
  }
}

/** What a command did, with how many sessions it ended. */
interface Done {
  ok: boolean;
  text: string;
  sessions?: number;
}

function audited(audit: AdminAudit, { sessions, ...result }: Done): AdminResult {
  return { ...result, audit: { ...audit, ...(sessions !== undefined && { sessions }) } };
}

async function listSessions(
  { store, issuer, clock, limits }: AdminParts,
  subOrEmail: string,
): Promise<Done> {
  const within = limitsAt(limits, clock.now());
  const found = await store.findUsers({ issuer, subOrEmail });
  if (found.kind === "unavailable") return UNAVAILABLE;
  if (found.users.length === 0) return nobody(subOrEmail);
  const people: string[] = [];
  for (const user of found.users) {
    const listed = await store.listSessions({ issuer, sub: user.sub, ...within });
    if (listed.kind === "unavailable") return UNAVAILABLE;
    const marks = [
      user.disabledAt === null ? [] : [`disabled since ${moment(user.disabledAt)}`],
      user.googleBlockedAt === null
        ? []
        : [`blocked by Google since ${moment(user.googleBlockedAt)}`],
    ].flat();
    people.push(
      [
        [`${plain(user.name)} <${plain(user.email)}>`, `sub ${plain(user.sub)}`, ...marks].join(
          ", ",
        ),
        ...listed.sessions.map((session) => `  ${sessionLine(session)}`),
        ...(listed.sessions.length === 0 ? ["  not signed in anywhere"] : []),
      ].join("\n"),
    );
  }
  return { ok: true, text: people.join("\n") };
}

async function endSessions(store: Store, key: Key): Promise<Done> {
  const ended = await store.endSessions({ ...key, reason: REASON });
  if (ended.kind === "unavailable") return UNAVAILABLE;
  const found = await store.readUser(key);
  return found.kind === "absent" ? nobody(key.sub) : said(ended.count);
}

async function endAll(store: Store): Promise<Done> {
  const ended = await store.endAllSessions({ reason: REASON });
  return ended.kind === "unavailable" ? UNAVAILABLE : said(ended.count);
}

/** The mark holds for sessions that the database has lost, too, but nobody can say that there were any. */
function said(sessions: number): Done {
  return sessions > 0
    ? { ok: true, text: `Sessions ended: ${sessions}.`, sessions }
    : {
        ok: false,
        text: "No session that this database knows was live. Any other is over now, too.",
        sessions,
      };
}

async function setDisabled(store: Store, key: Key, disabled: boolean): Promise<Done> {
  const changed = await store.setUserDisabled({ ...key, disabled, reason: REASON });
  if (changed.kind === "unavailable") return UNAVAILABLE;
  if (changed.kind === "absent") return nobody(key.sub);
  if (changed.ended === null) return { ok: true, text: "Enabled." };
  const sessions = changed.ended.count;
  return { ok: true, text: `Disabled. Sessions ended: ${sessions}.`, sessions };
}

function nobody(who: string): Done {
  return { ok: false, text: `Nobody has signed in as ${plain(who)}.` };
}

function sessionLine(session: {
  browser: string | null;
  system: string | null;
  startedAt: number;
  lastSeenAt: number;
}): string {
  const browser = plain(session.browser ?? "an unknown browser");
  const device = session.system === null ? browser : `${browser} on ${plain(session.system)}`;
  return `${device}, since ${moment(session.startedAt)}, last seen ${moment(session.lastSeenAt)}`;
}

function moment(at: number): string {
  return new Date(at).toISOString();
}

/** Text from outside, without anything that a terminal would obey. */
function plain(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}
