import { formatInUtc, formatLocally, type MomentKind, machineReadable } from "./format-moment";
import { useHydrated } from "./use-hydrated";
import { useNow } from "./use-now";

/**
 * A moment in the person's own zone and manner. The server and the first client render say it in UTC,
 * word for word the same, so nothing mismatches and it stands without JavaScript.
 */
export function Moment({ at, kind, now }: { at: number; kind: MomentKind; now: number }) {
  const hydrated = useHydrated();
  const current = useNow(now);
  const format = hydrated ? formatLocally : formatInUtc;
  return (
    <time
      dateTime={machineReadable(at)}
      title={kind === "relative" ? format(at, "date-time", current) : undefined}
    >
      {format(at, kind, current)}
    </time>
  );
}
