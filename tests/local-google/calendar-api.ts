import type { KoaContextWithOIDC, Provider } from "oidc-provider";
import { apiCaller } from "./api-caller";
import { type ApiErrorReason, answerApiError } from "./api-errors";
import { type CalendarEvent, type EventTime, momentOf } from "./calendars";
import type { JsonObject } from "./google-answers";
import type { GoogleState } from "./google-state";
import { bodyOf } from "./request-body";

const AUTH = "https://www.googleapis.com/auth";
const MAY_WRITE = [`${AUTH}/calendar.events`];
const MAY_READ = [...MAY_WRITE, `${AUTH}/calendar.readonly`, `${AUTH}/calendar.events.readonly`];
const EVENT_ID = /^[a-v0-9]{5,1024}$/;

/** Calendar API v3, events of the primary calendar: list and insert. */
export async function calendarApi(
  provider: Provider,
  state: GoogleState,
  ctx: KoaContextWithOIDC,
): Promise<void> {
  const account = await apiCaller(
    provider,
    state,
    ctx,
    ctx.method === "GET" ? MAY_READ : MAY_WRITE,
  );
  if (!account) return;
  const calendar = state.calendars.of(account.sub, state.clock.now());
  const answer =
    ctx.method === "GET"
      ? list(new URLSearchParams(ctx.querystring), calendar, account.email)
      : insert(jsonOf(bodyOf(ctx.req).toString()), state, calendar);
  if (typeof answer === "string") answerApiError(ctx, answer);
  else ctx.body = answer;
}

type Calendar = ReturnType<GoogleState["calendars"]["of"]>;

function list(
  query: URLSearchParams,
  { timeZone, events }: Calendar,
  email: string,
): JsonObject | ApiErrorReason {
  const moment = (name: string) => {
    const text = query.get(name);
    return text === null ? null : Date.parse(text);
  };
  const [timeMin, timeMax] = [moment("timeMin"), moment("timeMax")];
  if (Number.isNaN(timeMin) || Number.isNaN(timeMax)) return "badRequest";
  const sorted = query.get("orderBy") === "startTime";
  if (sorted && query.get("singleEvents") !== "true") return "badRequest";
  const from = Number(query.get("pageToken")?.replace(/^page-/, "") ?? "0");
  if (!Number.isInteger(from)) return "badRequest";

  const found = events
    .filter(({ end }) => timeMin === null || momentOf(end, timeZone) > timeMin)
    .filter(({ start }) => timeMax === null || momentOf(start, timeZone) < timeMax);
  if (sorted) {
    found.sort((a, b) => momentOf(a.start, timeZone) - momentOf(b.start, timeZone));
  }
  const size = Math.min(Number(query.get("maxResults") ?? "250"), 2500);
  const more = found.length > from + size;
  return {
    kind: "calendar#events",
    summary: email,
    timeZone,
    accessRole: "owner",
    items: found.slice(from, from + size).map(asItem),
    ...(more ? { nextPageToken: `page-${from + size}` } : {}),
  };
}

function insert(
  body: JsonObject,
  state: GoogleState,
  calendar: Calendar,
): JsonObject | ApiErrorReason {
  const { id, summary, start, end } = body;
  if (!isTime(start, calendar) || !isTime(end, calendar)) return "badRequest";
  if (id !== undefined && !EVENT_ID.test(String(id))) return "badRequest";
  const { timeZone } = calendar;
  if (momentOf(end, timeZone) < momentOf(start, timeZone)) return "badRequest";
  if (calendar.events.some((event) => event.id === id)) return "duplicate";
  const event = state.calendars.complete({
    ...(id === undefined ? {} : { id: String(id) }),
    ...(summary === undefined ? {} : { summary: String(summary) }),
    start: asGoogleWritesIt(start, timeZone),
    end: asGoogleWritesIt(end, timeZone),
  });
  calendar.events.push(event);
  return asItem(event);
}

/** With an offset, whatever it was sent as. */
function asGoogleWritesIt(time: EventTime, timeZone: string): EventTime {
  if ("date" in time) return time;
  return { ...time, dateTime: new Date(momentOf(time, timeZone)).toISOString() };
}

/** Google wants an offset or a time zone for every time. */
function isTime(value: unknown, { timeZone }: Calendar): value is EventTime {
  if (typeof value !== "object" || value === null) return false;
  const time = value as { date?: unknown; dateTime?: unknown; timeZone?: unknown };
  if (typeof time.date === "string") return /^\d{4}-\d\d-\d\d$/.test(time.date);
  if (typeof time.dateTime !== "string") return false;
  const hasZone = typeof time.timeZone === "string" || /(Z|[+-]\d\d:\d\d)$/i.test(time.dateTime);
  return hasZone && !Number.isNaN(momentOf(value as EventTime, timeZone));
}

function asItem(event: CalendarEvent): JsonObject {
  return { kind: "calendar#event", status: "confirmed", ...event };
}

function jsonOf(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return {};
  }
}
