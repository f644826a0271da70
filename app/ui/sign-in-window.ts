import { loginPath } from "../auth/sign-in/return-to";
import { keepForms } from "../client/kept-forms";

/** Where the small window ends up: a page that closes it. */
export const SIGNED_IN_PATH = "/signed-in";
export const SIGN_IN_WINDOW = "latchkey-sign-in";

/**
 * Opens the small window for signing in. It can’t be watched from here: on Google’s pages it leaves
 * this page’s group of windows. That somebody has signed in is heard as every tab hears it.
 *
 * @returns false where the browser lets no window open.
 */
export function openSignInWindow(address = loginPath({ returnTo: SIGNED_IN_PATH })): boolean {
  const opened = window.open(address, SIGN_IN_WINDOW, "popup,width=480,height=680");
  return opened !== null && !opened.closed;
}

/** Signs in on this page, which is then loaded anew with what was typed. */
export function signInHere(address: string, path: string, who: string): void {
  keepForms(path, who);
  window.location.assign(address);
}
