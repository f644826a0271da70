import type { LoaderFunctionArgs } from "@remix-run/node";
import { readSession } from "../auth/read-session.server";

export async function loader({ context }: LoaderFunctionArgs) {
  return Response.json(await readSession(context));
}
