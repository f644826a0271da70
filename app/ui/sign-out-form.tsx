import { Button } from "./button";

/** A plain form, so that signing out works whatever else on the page does not. */
export function SignOutForm({
  label = "Sign out",
  variant = "secondary",
}: {
  label?: string;
  variant?: "primary" | "secondary";
}) {
  return (
    <form method="post" action="/logout">
      <Button variant={variant}>{label}</Button>
    </form>
  );
}
