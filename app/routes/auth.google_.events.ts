import type { ActionFunctionArgs } from "@remix-run/node";
import { receiveSecurityEvent } from "../auth/ending/receive-security-event.server";

/** Google Cross-Account Protection pushes its security events here (RFC 8935). */
export async function action({ request, context }: ActionFunctionArgs) {
  const received = await receiveSecurityEvent(request, context);
  switch (received.kind) {
    case "accepted":
      return new Response(null, { status: 202 });
    case "refused":
      return Response.json(
        { err: received.error, description: received.description },
        { status: 400 },
      );
    case "unavailable":
      return new Response(null, { status: 503, headers: { "Retry-After": "60" } });
  }
}
