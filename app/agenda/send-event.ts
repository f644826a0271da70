import isNetworkError from "is-network-error";
import { recallForms } from "../client/kept-forms";
import { unanswered } from "./event-form";

/** Sends the form. Where no answer comes back, or none of ours, the page stays as it is, and says so. */
export async function sendOrSay(request: Request, send: () => Promise<unknown>) {
  const form = await request.clone().formData();
  return send().catch((error: unknown) => {
    // A redirect, or an answer that has a page of its own.
    if (!(error instanceof Error)) throw error;
    recallForms("lost");
    const cause = isNetworkError(error) ? "unreachable" : "unavailable";
    // A failure by its status, so that Remix doesn’t load the rest of the page anew.
    return Response.json(unanswered(form, cause), { status: 503 });
  });
}
