import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agendaDays, type CalendarEvent, type EventTime } from "../../../app/agenda/agenda-days";
import { dateAfter, isDate, isTimeZone, localTime } from "../../../app/agenda/calendar-time";

const NOW = Date.UTC(2026, 0, 15, 12);

function event(start: string, end: string, title = "Event"): CalendarEvent {
  const time = (text: string): EventTime =>
    text.length === 10 ? { date: text } : { dateTime: text };
  return { id: title, title, location: null, start: time(start), end: time(end) };
}

/** Each day with what it says of its events. */
const shown = (events: CalendarEvent[], timeZone = "UTC", now = NOW) =>
  agendaDays(events, timeZone, now).map(({ label, nearness, events: all }) => [
    label,
    nearness,
    all.map(({ when }) => when),
  ]);

describe("agendaDays", () => {
  it("groups by the calendar’s day, which may be another than in UTC", () => {
    const events = [event("2026-01-16T23:30:00Z", "2026-01-17T00:30:00Z")];
    expect(shown(events)).toEqual([
      ["Friday, 16 January", "Tomorrow", ["23:30 – 17 January, 00:30"]],
    ]);
    expect(shown(events, "Asia/Tokyo")).toEqual([["Saturday, 17 January", null, ["08:30–09:30"]]]);
    expect(shown(events, "America/New_York")).toEqual([
      ["Friday, 16 January", "Tomorrow", ["18:30–19:30"]],
    ]);
  });

  it("reads times with an offset, and without one as the calendar’s own", () => {
    expect(shown([event("2026-01-15T10:00:00-05:00", "2026-01-15T11:00:00-05:00")])).toEqual([
      ["Thursday, 15 January", "Today", ["15:00–16:00"]],
    ]);
    const local = event("2026-01-15T10:00:00", "2026-01-15T11:00:00");
    expect(shown([local], "Asia/Tokyo")).toEqual([
      ["Thursday, 15 January", "Today", ["10:00–11:00"]],
    ]);
  });

  it("puts whole days first, and says until when they last", () => {
    const events = [
      event("2026-01-20T09:00:00Z", "2026-01-20T09:00:00Z"),
      event("2026-01-20", "2026-01-21"),
      event("2026-01-20", "2026-02-02"),
    ];
    expect(shown(events)).toEqual([
      ["Tuesday, 20 January", null, ["All day", "All day, until 1 February", "09:00"]],
    ]);
  });

  it("shows under today what began before", () => {
    const events = [
      event("2026-01-10", "2026-01-18"),
      event("2026-01-14T22:00:00Z", "2026-01-15T13:00:00Z"),
      event("2026-01-12T08:00:00Z", "2026-01-17T13:00:00Z"),
    ];
    expect(shown(events)).toEqual([
      [
        "Thursday, 15 January",
        "Today",
        ["All day, until 17 January", "Until 13:00", "Until 17 January, 13:00"],
      ],
    ]);
  });

  it("keeps to the clocks on the days when they change", () => {
    const spring = Date.UTC(2026, 2, 28, 12);
    const events = [
      event("2026-03-28T23:30:00Z", "2026-03-29T01:30:00Z"),
      event("2026-03-29", "2026-03-30"),
      event("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"),
      event("2026-03-29T22:30:00Z", "2026-03-29T23:30:00Z"),
    ];
    expect(shown(events, "Europe/London", spring)).toEqual([
      ["Saturday, 28 March", "Today", ["23:30 – 29 March, 02:30"]],
      ["Sunday, 29 March", "Tomorrow", ["All day", "00:30–02:30", "23:30 – 30 March, 00:30"]],
    ]);
    const autumn = Date.UTC(2026, 9, 24, 22, 30);
    const lastHour = event("2026-10-25T23:15:00Z", "2026-10-25T23:45:00Z");
    expect(shown([lastHour], "Europe/London", autumn)).toEqual([
      ["Sunday, 25 October", "Tomorrow", ["23:15–23:45"]],
    ]);
  });

  it("keeps days in order and loses no event, in any zone", () => {
    const moment = fc.integer({ min: NOW - 86_400_000, max: NOW + 14 * 86_400_000 });
    const zone = fc.constantFrom("UTC", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu");
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 20 }), zone, (moments, timeZone) => {
        const events = moments.map((at) =>
          event(new Date(at).toISOString(), new Date(at + 3_600_000).toISOString()),
        );
        const days = agendaDays(events, timeZone, NOW);
        expect(days.flatMap((day) => day.events)).toHaveLength(moments.length);
        const dates = days.map(({ date }) => date);
        expect(dates).toEqual([...new Set(dates)].sort());
        expect(dates.every((date) => date >= localTime(NOW, timeZone).date)).toBe(true);
      }),
    );
  });
});

describe("calendar time", () => {
  it("keeps to summer time", () => {
    const spring = Date.UTC(2026, 2, 29, 1);
    expect(localTime(spring - 1, "Europe/London")).toEqual({ date: "2026-03-29", time: "00:59" });
    expect(localTime(spring, "Europe/London")).toEqual({ date: "2026-03-29", time: "02:00" });
  });

  it("writes midnight as 00:00", () => {
    expect(localTime(Date.UTC(2026, 0, 1), "UTC")).toEqual({ date: "2026-01-01", time: "00:00" });
  });

  it("knows days that exist, and the ones after them", () => {
    expect(["2026-02-28", "2028-02-29"].every(isDate)).toBe(true);
    expect(["2026-02-29", "2026-13-01", "26-01-01", "", "2026-1-1", "x"].some(isDate)).toBe(false);
    expect([dateAfter("2026-12-31", 1), dateAfter("2026-03-01", -1)]).toEqual([
      "2027-01-01",
      "2026-02-28",
    ]);
  });

  it("knows zones", () => {
    expect(["UTC", "Europe/London", "America/Argentina/Buenos_Aires"].every(isTimeZone)).toBe(true);
    expect(["Mars/Olympus", "", "../x"].some(isTimeZone)).toBe(false);
  });
});
