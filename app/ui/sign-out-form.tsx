import { Button } from "./button";

/** A plain form, so that signing out works whatever else on the page does not. */
export function SignOutForm({ label = "Sign out" }: { label?: string }) {
  return (
    <form method="post" action="/logout">
      <Button>{label}</Button>
    </form>
  );
}
