import type { EndReason } from "../../session/end-reason";
import type { SignInError } from "./sign-in-error";

/** What a person reads. Chosen by our codes alone, never taken from a provider. */
export interface Message {
  title: string;
  message: string;
}

export const SIGN_IN_MESSAGES: Readonly<Record<SignInError, Message>> = {
  cancelled: {
    title: "Sign-in was cancelled",
    message: "Nothing was changed. You can sign in whenever you like.",
  },
  expired: {
    title: "This sign-in couldn’t be finished",
    message:
      "It was started more than ten minutes ago or in another browser, was already used, or this browser doesn’t let this site keep cookies. Please start again here.",
  },
  invalid_response: {
    title: "Google’s answer could not be verified",
    message: "To be safe, nobody was signed in. Please start again.",
  },
  admin_policy: {
    title: "Your organisation doesn’t allow this",
    message: "An administrator has to allow this app first. You can use another account.",
  },
  org_internal: {
    title: "Only for members of one organisation",
    message: "This app is open to accounts of its own organisation. Please choose such an account.",
  },
  not_allowed: {
    title: "This account can’t be used here",
    message: "Please sign in with another Google account, or ask whoever runs this app.",
  },
  offline_access_missing: {
    title: "Google gave no lasting access",
    message:
      "Without it you would be signed out within the hour. Start again, and choose Allow when Google asks.",
  },
  google_unavailable: {
    title: "Google can’t be reached just now",
    message: "Nothing is wrong with your account. Please try again in a minute.",
  },
  rate_limited: {
    title: "Too many attempts",
    message: "Please wait a minute, then try again.",
  },
  misconfigured: {
    title: "This app isn’t set up correctly",
    message: "It isn’t your fault, and whoever runs the app has been told. Please try again later.",
  },
  server_error: {
    title: "Something went wrong on our side",
    message: "Nobody was signed in. Please try again.",
  },
};

/** The same codes when somebody who is signed in was asked for more. */
export function consentMessage(error: SignInError): Message {
  if (error === "cancelled") {
    return {
      title: "Google wasn’t allowed to share this",
      message:
        "Nothing was changed, and you are still signed in. You can allow it whenever you like.",
    };
  }
  if (error === "not_allowed") {
    return {
      title: "That was another Google account",
      message:
        "Nothing was changed. Please answer with the account that you are signed in with here.",
    };
  }
  return {
    title: SIGN_IN_MESSAGES[error].title,
    message: "Nothing was changed, and you are still signed in. Please try again in a minute.",
  };
}

export const END_MESSAGES: Readonly<Record<EndReason, Message>> = {
  signed_out: {
    title: "You are signed out",
    message:
      "Your Google account itself stays signed in on this browser. On a shared computer, sign out of Google too.",
  },
  idle: {
    title: "You were away for a while",
    message: "You were signed out because this app wasn’t used for a long time.",
  },
  absolute: {
    title: "It’s time to sign in again",
    message: "Every session ends some time after it began, to keep your account safe.",
  },
  grant_revoked: {
    title: "Google no longer gives this app access",
    message:
      "Access was withdrawn in your Google account, or it lapsed. Sign in to allow it again.",
  },
  reauth_required: {
    title: "Your organisation asks you to sign in again",
    message: "It limits how long a sign-in lasts. Nothing was revoked.",
  },
  ended_elsewhere: {
    title: "You were signed out from another device",
    message: "Somebody with access to your account ended this session.",
  },
  disconnected: {
    title: "Google was disconnected",
    message: "Access was given back to Google, and you were signed out on all devices.",
  },
  account_deleted: {
    title: "Your account was deleted",
    message: "Everything that named you here is gone. Signing in makes a new account.",
  },
  security_event: {
    title: "You were signed out to protect your account",
    message: "Google reported a change to your account’s security. Please sign in again.",
  },
  unknown_session: {
    title: "Please sign in again",
    message: "This app no longer knows this sign-in. Nothing is wrong with your Google account.",
  },
  not_allowed: {
    title: "This account can’t be used here any more",
    message: "Whoever runs this app has changed who may come in. Please ask them.",
  },
  unreadable: {
    title: "Please sign in again",
    message: "This browser’s sign-in could not be read any more.",
  },
};
