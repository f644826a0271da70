import {
  type ActionFunctionArgs,
  data,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { type ClientActionFunctionArgs, useActionData, useLoaderData } from "@remix-run/react";
import isNetworkError from "is-network-error";
import { retryAfterHeader } from "../auth/access/google-unavailable.server";
import { requireUser } from "../auth/require-user.server";
import { consentMessage } from "../auth/sign-in/messages";
import { isSignInError } from "../auth/sign-in/sign-in-error";
import { recallForms } from "../client/kept-forms";
import { agendaPlace, readAgenda } from "../google/agenda.server";
import { addEvent, type EventAdded, newEventId, readEventForm } from "../google/new-event.server";
import { AgendaView } from "../ui/agenda-view";
import { type EventFormState, unanswered } from "../ui/event-form";

export const meta: MetaFunction = () => [{ title: "Agenda · Latchkey" }];

const NOTICES = new Map([
  ["added", "The event is in your calendar."],
  ["already", "The event is in your calendar. It was sent twice, and added once."],
]);

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { features, google } = await requireUser({ request, context });
  const { searchParams } = new URL(request.url);
  const error = searchParams.get("error");
  const now = context.app.clock.now();
  const place = agendaPlace(searchParams, now);
  const agenda = await readAgenda(google.fetch, features, { now, ...(place && { place }) });
  // A reload of Google's answer comes to nothing, but the first has got what was asked for.
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
    newEventId: newEventId(context.app.random),
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { features, google } = await requireUser({ request, context });
  const form = await request.formData().catch(() => new FormData());
  const read = readEventForm(form, context.app.random);
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

/** Where no answer comes back, or none of ours, the page stays as it is, and says so. */
export async function clientAction({ request, serverAction }: ClientActionFunctionArgs) {
  const form = await request.clone().formData();
  return serverAction().catch((error: unknown) => {
    // A redirect, or an answer that has a page of its own.
    if (!(error instanceof Error)) throw error;
    recallForms("lost");
    const cause = isNetworkError(error) ? "unreachable" : "unavailable";
    // A failure by its status, so that Remix doesn't load the rest of the page anew.
    return Response.json(unanswered(form, cause), { status: 503 });
  });
}

/** Remix keeps an action's headers off the page otherwise. */
export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

export default function AgendaPage() {
  const state = useActionData<typeof action>();
  return <AgendaView {...useLoaderData<typeof loader>()} form={state ?? null} />;
}
