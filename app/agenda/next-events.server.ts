import type { SignedIn } from "../auth/require-user.server";
import { type Agenda, readAgenda } from "./agenda.server";

const SHOWN = 4;

/** The few events that the dashboard’s card shows. `now` in ms. */
export function readNextEvents(
  { features, google }: Pick<SignedIn, "features" | "google">,
  now: number,
): Promise<Agenda> {
  return readAgenda(google.fetch, features, { now, pageSize: SHOWN });
}
