import { Button } from "./button";
import { MadeFor } from "./made-for";

/** A plain form, so that signing out works whatever else on the page does not. */
export function SignOutForm({ label = "Sign out" }: { label?: string }) {
  return (
    <form method="post" action="/logout">
      <MadeFor />
      <Button>{label}</Button>
    </form>
  );
}
