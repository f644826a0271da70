import { redirectDocument } from "@remix-run/node";
import type { Log } from "../config/log.server";
import type { MadeFor } from "../session/made-for.server";
import type { RequestSession } from "../session/request-session.server";
import { ANOTHER_PERSON, MADE_FOR_FIELD } from "./made-for-field";
import { parseReturnTo, returnToOf, withNotice } from "./sign-in/return-to";

/** What of a request’s context this needs. */
export interface MadeForWhomContext {
  session: RequestSession;
  log: Log;
  asked: { url: URL };
  app: { madeFor: MadeFor };
}

/** What of a request is looked into: a copy, as an action reads the request itself. */
const FORM_TYPES = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

/**
 * The answer to a form that was made for somebody else than who is signed in now, or null where the
 * action may run (FE-24). In one browser people take turns: a page of Ada’s may still be open when Bob has signed
 * in, and its form would act for him.
 *
 * A form that doesn’t say for whom it was made, as other programs send it, acts for who is signed in;
 * where nobody is, the action says so.
 *
 * @returns a redirect that loads the page anew as a whole, since what it holds in memory is somebody
 *   else’s: the form’s own address where it is a page, else the page that it was on.
 */
export async function answerToForeignForm(
  request: Request,
  context: MadeForWhomContext,
): Promise<Response | null> {
  const state = context.session.read();
  if (state.status !== "active") return null;
  if (!FORM_TYPES.test(request.headers.get("Content-Type") ?? "")) return null;
  const form = await request
    .clone()
    .formData()
    .catch(() => null);
  const values = form?.getAll(MADE_FOR_FIELD) ?? [];
  const { madeFor } = context.app;
  if (values.every((value) => madeFor.isFor(String(value), state.session.user))) return null;
  context.log.warn("authz_fail", { cause: "form_of_another_person" });
  return redirectDocument(pageAnew(request, context.asked.url), 303);
}

function pageAnew(request: Request, asked: URL): string {
  // Asked by a script that wants to know how things stand.
  if (asked.pathname === "/api/session") return asked.pathname;
  return withNotice(returnToOf(asked, pageBefore(request, asked.origin)), ANOTHER_PERSON);
}

function pageBefore(request: Request, origin: string): string {
  const referer = request.headers.get("Referer") ?? "";
  return parseReturnTo(referer.startsWith(`${origin}/`) ? referer.slice(origin.length) : null);
}
