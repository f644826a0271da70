import * as keptForms from "../../../app/client/kept-forms";
import * as nextRead from "../../../app/client/next-read";
import * as sessionState from "../../../app/client/session-state";
import * as sessionWatch from "../../../app/client/session-watch";
import * as sessionReaction from "../../../app/ui/session-reaction";

/** The browser’s code that a run plays: the app’s own, or a copy with a planted defect. */
export type Client = typeof CLIENT;

export const CLIENT = {
  ...keptForms,
  ...nextRead,
  ...sessionWatch,
  ...sessionReaction,
  lastKnown: sessionState.lastKnown,
};
