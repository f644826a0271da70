import { z } from "zod";
import type { GoogleProblem } from "../google/api-answer.server";
import type { GoogleFetch } from "../google/api-request.server";
import { type AgendaDay, agendaDays, type CalendarEvent } from "./agenda-days";
import { isDate, isTimeZone, localTime } from "./calendar-time";

/** The primary calendar’s events (Calendar API v3). */
export const EVENTS = "/calendar/v3/calendars/primary/events";

const FORTNIGHT_MS = 14 * 86_400_000;
const PAGE_SIZE = 25;

/** Where a page of the agenda begins. Google wants the same times with each of its page tokens. */
export interface AgendaPlace {
  /** The start of the fourteen days, in ms. */
  from: number;
  pageToken: string | null;
}

/** `scope_missing`: the person hasn’t allowed it. `unavailable`: show the gap. */
export type Agenda =
  | {
      status: "ok";
      timeZone: string;
      /** By the calendar’s clocks: `2026-01-15`. */
      today: string;
      days: AgendaDay[];
      next: AgendaPlace | null;
    }
  | { status: "scope_missing" }
  | {
      status: "unavailable";
      cause: Exclude<GoogleProblem, "scope_missing">;
      retryAfterMs: number | null;
    };

/**
 * Reads the next fourteen days from the person’s primary calendar; without its feature nothing is
 * called.
 *
 * @param features what the person allowed.
 * @param now in ms.
 * @param pageSize how many events at most.
 */
export async function readAgenda(
  fetchGoogle: GoogleFetch,
  features: readonly string[],
  { now, place, pageSize = PAGE_SIZE }: { now: number; place?: AgendaPlace; pageSize?: number },
): Promise<Agenda> {
  if (!features.includes("calendar")) return { status: "scope_missing" };
  const { from, pageToken } = place ?? { from: now, pageToken: null };
  const query = new URLSearchParams({
    timeMin: new Date(from).toISOString(),
    timeMax: new Date(from + FORTNIGHT_MS).toISOString(),
    singleEvents: "true",
    orderBy: "startTime",
    maxResults: String(pageSize),
    fields: "timeZone,nextPageToken,items(id,status,summary,location,start,end)",
    ...(pageToken !== null && { pageToken }),
  });
  const result = await fetchGoogle(`${EVENTS}?${query}`);
  if (!result.ok) {
    const { code, retryAfterMs } = result;
    if (code === "scope_missing") return { status: "scope_missing" };
    return { status: "unavailable", cause: code, retryAfterMs };
  }
  const list = listSchema.safeParse(result.json);
  if (!list.success) {
    return { status: "unavailable", cause: "google_unavailable", retryAfterMs: null };
  }
  const { items, nextPageToken } = list.data;
  const timeZone = isTimeZone(list.data.timeZone) ? list.data.timeZone : "UTC";
  return {
    status: "ok",
    timeZone,
    today: localTime(now, timeZone).date,
    days: agendaDays(items.flatMap(eventOf), timeZone, now),
    next: nextPageToken === undefined ? null : { from, pageToken: nextPageToken },
  };
}

/**
 * The place that a page’s address names. Anything but one of about now begins at the beginning:
 * the address is the person’s to write.
 */
export function agendaPlace(params: URLSearchParams, now: number): AgendaPlace | undefined {
  const [from, pageToken] = [Number(params.get("from")), params.get("page") ?? ""];
  if (!Number.isSafeInteger(from) || Math.abs(now - from) > FORTNIGHT_MS) return undefined;
  return pageToken === "" || pageToken.length > 1024 ? undefined : { from, pageToken };
}

const listSchema = z.object({
  timeZone: z.string().default("UTC"),
  nextPageToken: z.string().min(1).optional(),
  items: z.array(z.unknown()).default([]),
});

const timeSchema = z.union([
  z.object({ dateTime: z.string().refine((text) => !Number.isNaN(Date.parse(text))) }),
  z.object({ date: z.string().refine(isDate) }),
]);

const eventSchema = z.object({
  id: z.string(),
  status: z.string().optional(),
  summary: z.string().optional(),
  location: z.string().optional(),
  start: timeSchema,
  end: timeSchema,
});

/** One that can’t be read is left out; the others are still the person’s day. */
function eventOf(item: unknown): CalendarEvent[] {
  const event = eventSchema.safeParse(item);
  if (!event.success || event.data.status === "cancelled") return [];
  const { id, summary, location, start, end } = event.data;
  return [{ id, title: summary?.trim() || "(No title)", location: location ?? null, start, end }];
}
