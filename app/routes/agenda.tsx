import type {
  ActionFunctionArgs,
  HeadersFunction,
  LoaderFunctionArgs,
  MetaFunction,
} from "@remix-run/node";
import { type ClientActionFunctionArgs, useActionData, useLoaderData } from "@remix-run/react";
import { addFromForm, loadAgenda } from "../agenda/agenda-page.server";
import { AgendaView } from "../agenda/agenda-view";
import { sendOrSay } from "../agenda/send-event";
import { requireUser } from "../auth/require-user.server";
import { pageTitle } from "../brand/brand";

export const meta: MetaFunction = () => [{ title: pageTitle("Agenda") }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { features, google } = await requireUser({ request, context });
  return loadAgenda(request, { features, google }, context.app);
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { features, google } = await requireUser({ request, context });
  return addFromForm(request, { features, google }, context.app);
}

export async function clientAction({ request, serverAction }: ClientActionFunctionArgs) {
  return sendOrSay(request, serverAction);
}

/** Remix keeps an action’s headers off the page otherwise. */
export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

export default function AgendaPage() {
  const state = useActionData<typeof action>();
  return <AgendaView {...useLoaderData<typeof loader>()} form={state ?? null} />;
}
