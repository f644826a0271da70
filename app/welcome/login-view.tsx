import { BRAND } from "../brand/brand";
import { Mark } from "../brand/mark";
import { GoogleSignInForm } from "../ui/google-button";
import { Notice } from "../ui/notice";

type Message = { title: string; message: string };

/** One button. What went wrong, or why the last session ended, stands above it in words. */
export function LoginView({
  returnTo,
  problem,
  ended,
}: {
  returnTo: string;
  problem: Message | null;
  ended: Message | null;
}) {
  return (
    <div className="login">
      <div className="login-mark">
        <Mark size={32} />
      </div>
      <h1>
        Sign in to <bdi>{BRAND.name}</bdi>
      </h1>
      {problem === null ? null : (
        <Notice tone="bad" title={problem.title}>
          {problem.message}
        </Notice>
      )}
      {ended === null ? null : (
        <Notice tone="info" title={ended.title}>
          {ended.message}
        </Notice>
      )}
      <GoogleSignInForm returnTo={returnTo} />
      <p className="aside">
        Google tells {BRAND.name} your name, email address and picture. {BRAND.name} asks for
        nothing more until you use something that needs it.
      </p>
    </div>
  );
}
