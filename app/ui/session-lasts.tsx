import { Moment } from "./moment";

const TWO_DAYS = 2 * 24 * 60 * 60 * 1000;

/** How long the session lasts if nothing is done: by the day, or to the minute when it ends soon. */
export function SessionEnd({ at, now }: { at: number; now: number }) {
  return <Moment at={at} kind={at - now < TWO_DAYS ? "date-time" : "date"} now={now} />;
}

/** Whether visiting moves the end on, and how far. */
export function SessionLimit({
  endsAt,
  absoluteEndsAt,
  now,
}: {
  endsAt: number;
  absoluteEndsAt: number;
  now: number;
}) {
  if (endsAt >= absoluteEndsAt) return "After that you sign in with Google once more.";
  return (
    <>
      Each visit moves this on, up to <SessionEnd at={absoluteEndsAt} now={now} />.
    </>
  );
}
