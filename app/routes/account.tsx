import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { AccountView } from "../account/account-view";
import { ACCOUNT_INTENTS, performAccountAction } from "../auth/ending/account-actions.server";
import { forgetInBrowser } from "../auth/ending/end-session.server";
import { listDevices } from "../auth/ending/list-devices.server";
import { requireUser } from "../auth/require-user.server";
import { loginPath } from "../auth/sign-in/return-to";
import { pageTitle } from "../brand/brand";

export const meta: MetaFunction = () => [{ title: pageTitle("Account") }];

const NOTICES = new Map([
  ["end-session", "That device is signed out."],
  ["end-other-sessions", "You are signed out everywhere else."],
  ["confirm", "Please confirm: open “Delete account” below and say yes."],
  ["confirmed", "Thank you, it’s you. Now go on below."],
  ["absent", "That device isn’t signed in any more."],
  ["unavailable", "That can’t be done just now. Please try again in a minute."],
]);

const formSchema = z.object({
  intent: z.enum(ACCOUNT_INTENTS),
  session: z.string().max(100).default(""),
  confirm: z.string().default(""),
});

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { user, session, features } = await requireUser({ request, context });
  const devices = await listDevices(context);
  const query = new URL(request.url).searchParams;
  const [toConfirm, confirmed] = [query.get("confirm"), query.get("confirmed")];
  const said = confirmed === null ? query.get("notice") : "confirmed";
  const notice = NOTICES.get(said ?? "") ?? null;
  const now = context.app.clock.now();
  return { user, session, features, devices, notice, toConfirm, confirmed, now };
}

export async function action({ request, context }: ActionFunctionArgs) {
  await requireUser({ request, context });
  const form = await request.formData().catch(() => new FormData());
  const parsed = formSchema.safeParse(Object.fromEntries(form));
  if (!parsed.success) {
    context.log.warn("input_validation_fail", { cause: "account_action" });
    throw new Response("There is no such action.", { status: 400 });
  }

  const { intent, session, confirm } = parsed.data;
  if (intent === "delete-account" && confirm !== "yes") return redirect("/account?notice=confirm");
  const outcome = await performAccountAction(context, intent, session);
  switch (outcome.kind) {
    case "done":
      return redirect(`/account?notice=${intent}`);
    case "signed_out":
      return redirect(loginPath(outcome), { headers: forgetInBrowser(context) });
    case "absent":
      return redirect("/account?notice=absent");
    case "unconfirmed":
      return redirect(`/account?confirm=${intent}`);
    case "unavailable":
      return redirect("/account?notice=unavailable");
  }
}

export default function Account() {
  return <AccountView {...useLoaderData<typeof loader>()} />;
}
