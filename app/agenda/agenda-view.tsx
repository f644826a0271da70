import { BRAND } from "../brand/brand";
import { LinkButton } from "../ui/button";
import { Card } from "../ui/card";
import { GoogleSignInForm } from "../ui/google-button";
import { Notice } from "../ui/notice";
import type { Agenda } from "./agenda.server";
import { EventForm, type EventFormState } from "./event-form";
import { AgendaDays } from "./event-list";

type Message = { title: string; message: string };

/** The next fourteen days of the person’s calendar, or why they can’t be shown. */
export function AgendaView({
  agenda: read,
  problem,
  first,
  notice,
  newEventId,
  form,
}: {
  agenda: Agenda;
  /** Why asking Google for the calendar came to nothing. */
  problem: Message | null;
  /** Whether this is the first page. */
  first: boolean;
  /** What adding an event came to. */
  notice: string | null;
  newEventId: string;
  form: EventFormState | null;
}) {
  // What Google said of the form is newer than what it said of the events.
  const agenda = (form && refusalOf(form)) ?? read;
  return (
    <div className="page">
      <div className="page-head">
        <h1>Agenda</h1>
        <p className="lead">The next fourteen days of your Google calendar.</p>
      </div>
      {problem === null ? null : (
        <Notice tone="info" title={problem.title}>
          {problem.message}
        </Notice>
      )}
      {notice === null ? null : <Notice tone="good" title={notice} />}
      {agenda.status === "scope_missing" ? <AskForCalendar /> : null}
      {agenda.status === "unavailable" ? <AgendaGap cause={agenda.cause} /> : null}
      <div className="columns">
        {agenda.status === "ok" ? (
          <Card
            title={first ? "Coming up" : "Later"}
            description={`Times are those of your calendar, ${zoneInWords(agenda.timeZone)}.`}
            {...(first && agenda.next === null
              ? {}
              : { actions: <Pages first={first} next={agenda.next} /> })}
          >
            <AgendaDays days={agenda.days} />
          </Card>
        ) : null}
        {/* What somebody wrote stays, whatever became of the calendar meanwhile. */}
        {agenda.status === "ok" || form !== null ? (
          <Card title="Add an event">
            <EventForm
              key={form?.fields.id ?? newEventId}
              newEventId={newEventId}
              timeZone={agenda.status === "ok" ? agenda.timeZone : ""}
              today={agenda.status === "ok" ? agenda.today : ""}
              state={form}
            />
          </Card>
        ) : null}
      </div>
    </div>
  );
}

function refusalOf({ cause }: EventFormState): Agenda | null {
  if (cause === "scope_missing") return { status: "scope_missing" };
  return cause === "reauth_required" ? { status: "unavailable", cause, retryAfterMs: null } : null;
}

function Pages({
  first,
  next,
}: {
  first: boolean;
  next: { from: number; pageToken: string | null } | null;
}) {
  return (
    <>
      {first ? null : <LinkButton to="/agenda">Back to today</LinkButton>}
      {next === null ? null : (
        <LinkButton
          to={`/agenda?${new URLSearchParams({ from: String(next.from), page: next.pageToken ?? "" })}`}
        >
          More events
        </LinkButton>
      )}
    </>
  );
}

/** Why more is asked for, and one button. Nothing is asked of Google until it is pressed. */
function AskForCalendar() {
  return (
    <Card
      title="Your calendar isn’t shared yet"
      description={`To show what is coming up and to add events here, ${BRAND.name} needs Google’s permission to see and edit the events of your calendar. It uses it on this page and on your dashboard, for nothing else, and you can take it back at any time.`}
    >
      <GoogleSignInForm returnTo="/agenda" scope="calendar" label="Continue with Google" />
      <p className="card-remark">
        Google asks you first. If it shows a box for the calendar, leave it ticked.
      </p>
    </Card>
  );
}

/** What stands in the agenda’s place while Google doesn’t give it. */
function AgendaGap({ cause }: { cause: Extract<Agenda, { status: "unavailable" }>["cause"] }) {
  if (cause === "reauth_required") {
    return (
      <Card title="Coming up">
        <Notice tone="warn" title="Google doesn’t accept this sign-in for your calendar">
          <p>You stay signed in here. Continuing with Google once more usually mends it.</p>
        </Notice>
        <GoogleSignInForm returnTo="/agenda" scope="calendar" label="Continue with Google" />
      </Card>
    );
  }
  return (
    <Card title="Coming up">
      {cause === "rate_limited" ? (
        <Notice tone="warn" title="Google asks us to wait a moment">
          <p>Too much was asked of your calendar. You stay signed in.</p>
        </Notice>
      ) : (
        <Notice tone="warn" title="Google can’t be reached just now">
          <p>Your agenda will be back when Google is. You stay signed in.</p>
        </Notice>
      )}
      <LinkButton to="/agenda" reloadDocument>
        Try again
      </LinkButton>
    </Card>
  );
}

/** "Europe/London" as "London time"; other names as they are. */
function zoneInWords(timeZone: string): string {
  const place = timeZone.split("/").at(-1)?.replaceAll("_", " ") ?? timeZone;
  return timeZone.includes("/") && !timeZone.startsWith("Etc/") ? `${place} time` : timeZone;
}
