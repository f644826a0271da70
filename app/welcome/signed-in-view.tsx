import { useEffect } from "react";
import { Mark } from "../brand/mark";

/** Long enough for the other tabs to be told. */
const CLOSES_AFTER_MS = 200;

/** The last page of a small window, which closes it where the browser allows. */
export function SignedInView() {
  useEffect(() => {
    const timer = setTimeout(() => window.close(), CLOSES_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="login">
      <div className="login-mark">
        <Mark size={32} />
      </div>
      <h1>You are signed in</h1>
      <p className="lead">You can close this window and go on where you were.</p>
    </div>
  );
}
