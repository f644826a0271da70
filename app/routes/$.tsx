import { FOR_EVERYONE } from "../ui/session-frame";

export const handle = FOR_EVERYONE;

/** Any address that is no page. */
export function loader() {
  throw new Response(null, { status: 404 });
}

// A component makes this a page, so that the error boundary is what a person sees.
export default function NotFound() {
  return null;
}
