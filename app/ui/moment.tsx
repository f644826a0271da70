import { formatInUtc, formatLocally, type MomentKind, machineReadable } from "./format-moment";
import { useHydrated } from "./use-hydrated";
import { useNow } from "./use-now";

function localeOfBrowser(): string {
  return new Intl.DateTimeFormat().resolvedOptions().locale;
}

/**
 * A moment in the person’s own zone and manner. The server and the first client render say it in UTC,
 * word for word the same, so nothing mismatches and it stands without JavaScript.
 */
export function Moment({ at, kind, now }: { at: number; kind: MomentKind; now: number }) {
  const hydrated = useHydrated();
  const current = useNow(now);
  const format = hydrated ? formatLocally : formatInUtc;
  const locale = hydrated && kind !== "relative" ? localeOfBrowser() : undefined;
  return (
    <time
      lang={locale}
      dateTime={machineReadable(at)}
      title={kind === "relative" ? format(at, "date-time", current) : undefined}
    >
      {format(at, kind, current)}
    </time>
  );
}
