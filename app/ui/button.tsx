import { Link } from "@remix-run/react";
import type { ComponentPropsWithoutRef } from "react";

type Variant = "primary" | "secondary" | "danger" | "quiet";

type ButtonProps = Omit<ComponentPropsWithoutRef<"button">, "className" | "style"> & {
  variant?: Variant;
};

/** Does something. Submits its form unless told otherwise. */
export function Button({ variant = "secondary", type = "submit", ...rest }: ButtonProps) {
  return <button {...rest} type={type} className={`button button-${variant}`} />;
}

type LinkButtonProps = Omit<ComponentPropsWithoutRef<typeof Link>, "className" | "style"> & {
  variant?: Variant;
};

/** Goes somewhere, and looks as weighty as a button. */
export function LinkButton({ variant = "secondary", ...rest }: LinkButtonProps) {
  return <Link {...rest} className={`button button-${variant}`} />;
}
