import { type ActionFunctionArgs, redirect } from "@remix-run/node";
import { endSession } from "../auth/ending/end-session.server";
import { loginPath } from "../auth/sign-in/return-to";

/** Signing out is a decision, so it takes a POST; following a link here changes nothing. */
export function loader() {
  return redirect("/");
}

export async function action({ context }: ActionFunctionArgs) {
  return redirect(loginPath({ reason: "signed_out" }), { headers: await endSession(context) });
}
