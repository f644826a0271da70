import { Form, useNavigation } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { Button } from "../ui/button";
import { MadeFor } from "../ui/made-for";
import { Notice } from "../ui/notice";

const FIELDS = ["title", "date", "start", "end"] as const;
type FieldName = (typeof FIELDS)[number];

/** What became of a form that was sent and not accepted. */
export type EventFormState = {
  fields: { id: string; timeZone: string } & Record<FieldName, string>;
  problems: Partial<Record<FieldName, string>>;
  /** Set when the form was in order, and Google didn’t take it. */
  cause?: string;
};

/** What stands in the place of an answer that didn’t come, or can’t be read. */
export function unanswered(form: FormData, cause: "unreachable" | "unavailable"): EventFormState {
  const text = (name: keyof EventFormState["fields"]) => String(form.get(name) ?? "");
  const fields = {
    id: text("id"),
    timeZone: text("timeZone"),
    title: text("title"),
    date: text("date"),
    start: text("start"),
    end: text("end"),
  };
  return { fields, problems: {}, cause };
}

/**
 * Adds an event. It carries the event’s id, so that sending it twice adds it once; the browser’s own
 * checks come first, and the server’s count.
 */
export function EventForm({
  newEventId,
  timeZone,
  today,
  state,
}: {
  newEventId: string;
  timeZone: string;
  /** The day that is proposed. */
  today: string;
  state: EventFormState | null;
}) {
  const sending = useNavigation().formAction?.startsWith("/agenda") === true;
  const { fields, problems = {}, cause } = state ?? {};
  const wrong = FIELDS.find((name) => problems[name] !== undefined);
  const form = useRef<HTMLFormElement>(null);
  // A long way down on a small screen: who wrote something wrong is led there.
  useEffect(() => {
    if (state) form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [state]);
  const field = (name: FieldName, otherwise = "") => ({
    name,
    defaultValue: fields?.[name] ?? otherwise,
    problem: problems[name],
    // The same without JavaScript.
    autoFocus: name === wrong,
  });
  return (
    <Form ref={form} data-kept="event" method="post" action="/agenda" className="event-form">
      <MadeFor />
      {cause === undefined ? null : <NotAdded cause={cause} />}
      <input type="hidden" name="timeZone" value={fields?.timeZone ?? timeZone} />
      <Field label="Name" type="text" required maxLength={200} {...field("title")} />
      <Field label="Day" type="date" required max="2199-12-31" {...field("date", today)} />
      <div className="event-form-times">
        <Field label="Starts" type="time" {...field("start")} />
        <Field label="Ends" type="time" {...field("end")} />
      </div>
      {/* Of text, so that it is kept with what was typed: sent again, it is the same event. */}
      <input hidden autoComplete="off" name="id" defaultValue={fields?.id ?? newEventId} />
      <p className="aside">Leave the times empty for a whole day.</p>
      <Button variant="primary" disabled={sending}>
        {sending ? "Adding…" : "Add event"}
      </Button>
    </Form>
  );
}

function NotAdded({ cause }: { cause: string }) {
  if (cause === "refused") {
    return (
      <Notice tone="bad" title="Google didn’t accept this event">
        Please look at the day and the times once more.
      </Notice>
    );
  }
  if (cause === "unreachable") {
    return (
      <Notice tone="bad" title="No answer came back">
        You may be offline. Nothing you wrote is lost: send it again in a moment. It won’t be added
        twice.
      </Notice>
    );
  }
  if (cause === "scope_missing" || cause === "reauth_required") {
    return (
      <Notice tone="bad" title="The event wasn’t added">
        Google has to allow it first: continue with Google, then add it again.
      </Notice>
    );
  }
  return (
    <Notice tone="bad" title="The event may not have been added">
      Nothing you wrote is lost. Send it again in a moment; it won’t be added twice.
    </Notice>
  );
}

type FieldProps = {
  label: string;
  name: FieldName;
  type: "text" | "date" | "time";
  defaultValue: string;
  problem: string | undefined;
  autoFocus: boolean;
  required?: boolean;
  maxLength?: number;
  max?: string;
};

function Field({ label, name, problem, ...input }: FieldProps) {
  const id = `event-${name}`;
  const problemId = `${id}-problem`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        aria-invalid={problem === undefined ? undefined : true}
        aria-describedby={problem === undefined ? undefined : problemId}
        {...input}
      />
      {problem === undefined ? null : (
        <p className="field-problem" id={problemId}>
          {problem}
        </p>
      )}
    </div>
  );
}
