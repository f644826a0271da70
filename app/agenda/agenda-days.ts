import { dateAfter, dayAndMonth, localTime, weekday } from "./calendar-time";

/** When an event begins or ends, in Google’s form: a whole day, or a moment. */
export type EventTime = { date: string } | { dateTime: string };

export interface CalendarEvent {
  id: string;
  title: string;
  location: string | null;
  start: EventTime;
  /** For whole days the one after the last. */
  end: EventTime;
}

export interface AgendaEvent {
  id: string;
  title: string;
  location: string | null;
  /** "14:00–15:30", "All day". */
  when: string;
}

export interface AgendaDay {
  date: string;
  /** "Thursday, 15 January". */
  label: string;
  /** "Today", "Tomorrow". */
  nearness: string | null;
  /** Whole days first, the rest in Google’s order. */
  events: AgendaEvent[];
}

/**
 * Events grouped by the day on which they begin, by the clocks of the calendar’s zone. What began
 * before today stands under today.
 *
 * @param now in ms.
 */
export function agendaDays(
  events: readonly CalendarEvent[],
  timeZone: string,
  now: number,
): AgendaDay[] {
  const today = localTime(now, timeZone).date;
  const days = new Map<string, { wholeDay: AgendaEvent[]; timed: AgendaEvent[] }>();
  for (const event of events) {
    const [start, end] = [placed(event.start, timeZone), placed(event.end, timeZone)];
    const isUnderWay = start.date < today;
    const date = isUnderWay ? today : start.date;
    const day = days.get(date) ?? { wholeDay: [], timed: [] };
    days.set(date, day);
    const { id, title, location } = event;
    const wholeDay = start.time === null;
    const when = wholeDay ? wholeDays(date, end.date) : span(date, start, end);
    day[wholeDay ? "wholeDay" : "timed"].push({ id, title, location, when });
  }
  return [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, { wholeDay, timed }]) => ({
      date,
      label: `${weekday(date)}, ${dayAndMonth(date)}`,
      nearness: nearness(date, today),
      events: [...wholeDay, ...timed],
    }));
}

interface Placed {
  date: string;
  /** Null for a whole day. */
  time: string | null;
}

function placed(time: EventTime, timeZone: string): Placed {
  if ("date" in time) return { date: time.date, time: null };
  // Without an offset it is already what the calendar’s clocks show.
  if (!/(Z|[+-]\d\d:?\d\d)$/i.test(time.dateTime)) {
    return { date: time.dateTime.slice(0, 10), time: time.dateTime.slice(11, 16) };
  }
  return localTime(Date.parse(time.dateTime), timeZone);
}

function wholeDays(date: string, dayAfter: string): string {
  const last = dateAfter(dayAfter, -1);
  return last > date ? `All day, until ${dayAndMonth(last)}` : "All day";
}

function span(date: string, start: Placed, end: Placed): string {
  const from = start.time ?? "";
  const until = `${end.date > date ? `${dayAndMonth(end.date)}, ` : ""}${end.time ?? ""}`;
  if (start.date < date) return `Until ${until}`;
  if (end.date > date) return `${from} – ${until}`;
  return from === until ? from : `${from}–${until}`;
}

function nearness(date: string, today: string): string | null {
  if (date === today) return "Today";
  return date === dateAfter(today, 1) ? "Tomorrow" : null;
}
