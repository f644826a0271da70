import { z } from "zod";
import type { Random } from "../config/random.server";
import type { GoogleProblem } from "../google/api-answer.server";
import type { GoogleFetch } from "../google/api-request.server";
import { EVENTS } from "./agenda.server";
import { dateAfter, isDate, isTimeZone } from "./calendar-time";

/** What the form’s fields held, to show them again. */
export interface EventFields {
  id: string;
  title: string;
  date: string;
  start: string;
  end: string;
  /** By whose clocks the times are. */
  timeZone: string;
}

/** What is wrong with a field, in words for the person. */
export type FieldProblems = Partial<Record<"title" | "date" | "start" | "end", string>>;

/** An event as Google’s API takes it. */
interface NewEvent {
  id: string;
  summary: string;
  start: NewEventTime;
  end: NewEventTime;
}

type NewEventTime = { date: string } | { dateTime: string; timeZone: string };

export type EventRead =
  | { ok: true; fields: EventFields; event: NewEvent }
  | { ok: false; fields: EventFields; problems: FieldProblems };

/**
 * - `added`: the calendar has it now.
 * - `already`: it had it before; the same form came twice.
 * - `failed`: nobody knows that it has; sending the same form again is safe.
 */
export type EventAdded =
  | { kind: "added" }
  | { kind: "already" }
  | { kind: "failed"; cause: GoogleProblem; retryAfterMs: number | null };

/**
 * An id for an event that doesn’t exist yet. The form carries it, so that one form makes one event
 * however often it is sent: Google takes ids of a caller’s own, in base32hex.
 * https://developers.google.com/workspace/calendar/api/v3/reference/events/insert
 */
export function newEventId(random: Random): string {
  const hex = Buffer.from(random.bytes(16)).toString("hex");
  return BigInt(`0x${hex}`).toString(32).padStart(26, "0");
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const text = z.string().trim().max(2000).catch("");

const formSchema = z.object({
  id: text,
  title: text,
  date: text,
  start: text,
  end: text,
  timeZone: text,
});

/** Reads the form that adds an event. Without times it is for the whole day; without an end, an hour. */
export function readEventForm(form: FormData, random: Random): EventRead {
  const sent = formSchema.parse(Object.fromEntries(form));
  const id = /^[0-9a-v]{26}$/.test(sent.id) ? sent.id : newEventId(random);
  const timeZone = isTimeZone(sent.timeZone) ? sent.timeZone : "UTC";
  const fields = { ...sent, id, timeZone };
  const problems = problemsOf(fields);
  if (Object.keys(problems).length > 0) return { ok: false, fields, problems };

  const { title: summary, date, start } = fields;
  if (start === "") {
    const end = { date: dateAfter(date, 1) };
    return { ok: true, fields, event: { id, summary, start: { date }, end } };
  }
  const end = fields.end === "" ? anHourAfter(date, start) : { date, time: fields.end };
  return {
    ok: true,
    fields,
    event: {
      id,
      summary,
      start: { dateTime: `${date}T${start}:00`, timeZone },
      end: { dateTime: `${end.date}T${end.time}:00`, timeZone },
    },
  };
}

function problemsOf({ title, date, start, end }: EventFields): FieldProblems {
  const problems: FieldProblems = {};
  if (title === "") problems.title = "Please give the event a name.";
  else if (title.length > 200) problems.title = "Please use at most 200 characters.";
  if (!isDate(date)) problems.date = "Please choose a day.";
  if (start !== "" && !TIME.test(start)) problems.start = "Please write the time like 14:30.";
  if (end !== "" && !TIME.test(end)) problems.end = "Please write the time like 14:30.";
  else if (end !== "" && start === "") problems.start = "Please say when it starts.";
  else if (end !== "" && end <= start) problems.end = "It has to end after it starts.";
  return problems;
}

function anHourAfter(date: string, start: string): { date: string; time: string } {
  const hour = Number(start.slice(0, 2)) + 1;
  const time = `${String(hour % 24).padStart(2, "0")}:${start.slice(3)}`;
  return { date: hour < 24 ? date : dateAfter(date, 1), time };
}

/**
 * Adds an event to the person’s primary calendar; without its feature nothing is called.
 *
 * @param features what the person allowed.
 */
export async function addEvent(
  fetchGoogle: GoogleFetch,
  features: readonly string[],
  event: NewEvent,
): Promise<EventAdded> {
  if (!features.includes("calendar")) {
    return { kind: "failed", cause: "scope_missing", retryAfterMs: null };
  }
  const result = await fetchGoogle(EVENTS, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(event),
  });
  if (result.ok) return { kind: "added" };
  // The id is there already, and nobody else can have made it.
  if (result.status === 409) return { kind: "already" };
  return { kind: "failed", cause: result.code, retryAfterMs: result.retryAfterMs };
}
