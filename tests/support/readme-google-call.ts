import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireUser } from "../../app/auth/require-user.server";

/** README’s call of one of Google’s APIs, as a loader. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const { google } = await requireUser({ request, context });
  const result = await google.fetch("/calendar/v3/calendars/primary/events?maxResults=5");
  if (!result.ok) return { events: null, problem: result.code };
  return { events: result.json?.items, problem: null };
}
