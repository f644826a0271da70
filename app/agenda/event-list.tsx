import type { AgendaDay } from "./agenda-days";

/** Events, day by day. */
export function AgendaDays({ days }: { days: readonly AgendaDay[] }) {
  if (days.length === 0) {
    return <p className="agenda-empty">Nothing is planned in these fourteen days.</p>;
  }
  return (
    <ol className="agenda">
      {days.map(({ date, label, nearness, events }) => (
        <li key={date} className="agenda-day">
          <h3>
            <time dateTime={date}>{label}</time>
            {nearness === null ? null : <span className="agenda-near">{nearness}</span>}
          </h3>
          <ul>
            {events.map((event) => (
              <li key={event.id} className="agenda-event">
                <span className="agenda-when">{event.when}</span>
                <span className="agenda-what">
                  {event.title}
                  {event.location === null ? null : (
                    <span className="remark">{event.location}</span>
                  )}
                </span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}
