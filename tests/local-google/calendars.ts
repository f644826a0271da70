export type EventTime = { date: string } | { dateTime: string; timeZone?: string };

export type CalendarEvent = {
  id: string;
  summary?: string;
  location?: string;
  start: EventTime;
  end: EventTime;
};

type Calendar = { timeZone: string; events: CalendarEvent[] };

const DAY = 86_400_000;
const HOUR = 3_600_000;
const TIME_ZONE = "Europe/London";

/**
 * What everybody’s calendar holds at first, counted from midnight (UTC) of the day it is made; the
 * first is always still to come.
 */
const SEED = [
  { summary: "Tea with Charles", inHours: 2, hours: 1, location: "The library" },
  { summary: "Notes on the engine", day: 1, from: 9.5, hours: 1.5 },
  { summary: "Reading day", day: 2, days: 1 },
  { summary: "Visit to the workshop", day: 4, from: 13, hours: 2 },
  { summary: "Journey to the sea", day: 6, days: 3 },
  { summary: "Letters", day: 9, from: 10, hours: 0.5 },
] as const;

/** Everybody’s primary calendar, by sub. */
export class Calendars {
  #calendars = new Map<string, Calendar>();
  #made = 0;

  reset(): void {
    this.#calendars.clear();
  }

  of(sub: string, now: number): Calendar {
    const known = this.#calendars.get(sub);
    if (known) return known;
    const made = { timeZone: TIME_ZONE, events: SEED.map((seed) => this.#seeded(seed, now)) };
    this.#calendars.set(sub, made);
    return made;
  }

  set(sub: string, calendar: { timeZone?: string; events: Partial<CalendarEvent>[] }): void {
    const { timeZone = TIME_ZONE, events } = calendar;
    this.#calendars.set(sub, { timeZone, events: events.map((event) => this.complete(event)) });
  }

  complete(event: Partial<CalendarEvent>): CalendarEvent {
    this.#made += 1;
    const day = { date: "2026-01-15" };
    return { id: `local${this.#made}`, start: day, end: day, ...event };
  }

  #seeded(seed: (typeof SEED)[number], now: number): CalendarEvent {
    const { summary } = seed;
    const at = Math.floor(now / DAY) * DAY + ("day" in seed ? seed.day : 0) * DAY;
    if ("days" in seed) {
      return this.complete({ summary, start: day(at), end: day(at + seed.days * DAY) });
    }
    const soon = Math.ceil(now / HOUR) * HOUR;
    const start = "inHours" in seed ? soon + seed.inHours * HOUR : at + seed.from * HOUR;
    return this.complete({
      summary,
      ...("location" in seed ? { location: seed.location } : {}),
      start: { dateTime: new Date(start).toISOString() },
      end: { dateTime: new Date(start + seed.hours * HOUR).toISOString() },
    });
  }
}

function day(at: number): EventTime {
  return { date: new Date(at).toISOString().slice(0, 10) };
}

/**
 * A moment in ms. A time without an offset is one of `timeZone`; so is the midnight at which an
 * all-day event begins.
 */
export function momentOf(time: EventTime, timeZone: string): number {
  if ("date" in time) return atLocal(`${time.date}T00:00:00`, timeZone);
  const { dateTime } = time;
  return /(Z|[+-]\d\d:\d\d)$/i.test(dateTime)
    ? Date.parse(dateTime)
    : atLocal(dateTime, time.timeZone ?? timeZone);
}

function atLocal(dateTime: string, timeZone: string): number {
  const asUtc = Date.parse(`${dateTime}Z`);
  const first = asUtc - offsetAt(asUtc, timeZone);
  return asUtc - offsetAt(first, timeZone);
}

// Slow to make, and asked for every event.
const offsetFormats = new Map<string, Intl.DateTimeFormat>();

function offsetAt(moment: number, timeZone: string): number {
  const format =
    offsetFormats.get(timeZone) ??
    new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  offsetFormats.set(timeZone, format);
  const name = format.formatToParts(moment).find(({ type }) => type === "timeZoneName")?.value;
  const [, sign, hours = "0", minutes = "0"] = /GMT([+-])(\d\d):(\d\d)/.exec(name ?? "") ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
