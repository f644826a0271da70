import { data, redirect } from "@remix-run/node";
import { retryAfterHeader } from "../auth/access/google-unavailable.server";
import type { SignedIn } from "../auth/require-user.server";
import { consentMessage } from "../auth/sign-in/messages";
import { isSignInError } from "../auth/sign-in/sign-in-error";
import type { Clock } from "../config/clock.server";
import type { Random } from "../config/random.server";
import { agendaPlace, readAgenda } from "./agenda.server";
import type { EventFormState } from "./event-form";
import { addEvent, type EventAdded, newEventId, readEventForm } from "./new-event.server";

type Person = Pick<SignedIn, "features" | "google">;

const NOTICES = new Map([
  ["added", "The event is in your calendar."],
  ["already", "The event is in your calendar. It was sent twice, and added once."],
]);

/** What the agenda’s page shows: the events, what came of asking for them, and a form’s id. */
export async function loadAgenda(
  request: Request,
  { features, google }: Person,
  { clock, random }: { clock: Clock; random: Random },
) {
  const { searchParams } = new URL(request.url);
  const error = searchParams.get("error");
  const now = clock.now();
  const place = agendaPlace(searchParams, now);
  const agenda = await readAgenda(google.fetch, features, { now, ...(place && { place }) });
  // A reload of Google’s answer comes to nothing, but the first has got what was asked for.
  const isMissing = agenda.status === "scope_missing";
  const problem = isMissing && isSignInError(error) ? consentMessage(error) : null;
  // Google takes a page token for some time only.
  if (place && agenda.status === "unavailable" && agenda.cause === "refused") {
    throw redirect("/agenda");
  }
  return {
    agenda,
    problem,
    first: place === undefined,
    notice: NOTICES.get(searchParams.get("notice") ?? "") ?? null,
    newEventId: newEventId(random),
  };
}

/** Adds the event that a form describes, and leads to the agenda; or gives the form back, and why. */
export async function addFromForm(
  request: Request,
  { features, google }: Person,
  { random }: { random: Random },
) {
  const form = await request.formData().catch(() => new FormData());
  const read = readEventForm(form, random);
  if (!read.ok) {
    return data<EventFormState>({ fields: read.fields, problems: read.problems }, { status: 400 });
  }
  const added = await addEvent(google.fetch, features, read.event);
  if (added.kind !== "failed") return redirect(`/agenda?notice=${added.kind}`);
  const { cause } = added;
  return data<EventFormState>({ fields: read.fields, problems: {}, cause }, notAdded(added));
}

/** Not allowed, wrong, or not now: then the answer says when to try again. */
function notAdded({ cause, retryAfterMs }: Extract<EventAdded, { kind: "failed" }>): ResponseInit {
  if (cause === "scope_missing" || cause === "reauth_required") return { status: 403 };
  if (cause === "refused") return { status: 400 };
  return { status: 503, headers: retryAfterHeader(retryAfterMs ?? RETRY_MS) };
}
const RETRY_MS = 5000;
