import { MONTHS } from "./months";

export type MomentKind = "date" | "time" | "date-time" | "relative";

const UNKNOWN = "at an unknown time";
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS = [
  { unit: "minute", length: MINUTE, below: 60 },
  { unit: "hour", length: HOUR, below: 24 },
  { unit: "day", length: DAY, below: 60 },
  { unit: "month", length: 30.44 * DAY, below: 24 },
  { unit: "year", length: 365.25 * DAY, below: Number.POSITIVE_INFINITY },
] as const;

/** For `<time dateTime>`; undefined when the number is no moment. */
export function machineReadable(at: number): string | undefined {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** "in 25 minutes", "3 minutes ago", "just now". */
export function formatRelative(at: number, now: number): string {
  const distance = at - now;
  if (!Number.isFinite(distance)) return UNKNOWN;
  const span = Math.abs(distance);
  if (span < 45 * SECOND) return distance > 0 ? "in a few seconds" : "just now";
  for (const { unit, length, below } of STEPS) {
    const count = Math.max(1, Math.round(span / length));
    if (count >= below) continue;
    const words = `${count} ${unit}${count === 1 ? "" : "s"}`;
    return distance > 0 ? `in ${words}` : `${words} ago`;
  }
  return UNKNOWN;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** The same text on every machine: what the server sends and the browser first renders. */
export function formatInUtc(at: number, kind: MomentKind, now: number): string {
  if (kind === "relative") return formatRelative(at, now);
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return UNKNOWN;
  const month = MONTHS[moment.getUTCMonth()] ?? "";
  const date = `${moment.getUTCDate()} ${month} ${moment.getUTCFullYear()}`;
  const time = `${twoDigits(moment.getUTCHours())}:${twoDigits(moment.getUTCMinutes())} UTC`;
  if (kind === "date") return date;
  return kind === "time" ? time : `${date}, ${time}`;
}

const OPTIONS: Readonly<Record<Exclude<MomentKind, "relative">, Intl.DateTimeFormatOptions>> = {
  date: { dateStyle: "long" },
  time: { timeStyle: "short" },
  "date-time": { dateStyle: "long", timeStyle: "short" },
};

/** As the person writes it and by their clock; both are the browser’s own unless given. */
export function formatLocally(
  at: number,
  kind: MomentKind,
  now: number,
  place: { locale?: string; timeZone?: string } = {},
): string {
  if (kind === "relative") return formatRelative(at, now);
  if (Number.isNaN(new Date(at).getTime())) return UNKNOWN;
  const zone = place.timeZone === undefined ? {} : { timeZone: place.timeZone };
  return new Intl.DateTimeFormat(place.locale, { ...OPTIONS[kind], ...zone }).format(at);
}
