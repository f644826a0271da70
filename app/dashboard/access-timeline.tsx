import { Moment } from "../ui/moment";
import { useNow } from "../ui/use-now";
import {
  type AccessLife,
  type AccessState,
  accessStateOf,
  percentOfLife,
  timelineScale,
} from "./timeline-scale";

const SENTENCES: Readonly<Record<AccessState, string>> = {
  fresh: "Fresh. A visit in the last stretch renews it, and you notice nothing.",
  due: "Due. The next page you open renews it, and you notice nothing.",
  expired: "It ran out. The next page you open renews it, as soon as Google answers.",
};

function anchorOf(percent: number): "start" | "middle" | "end" {
  if (percent < 8) return "start";
  return percent > 92 ? "end" : "middle";
}

/**
 * The life of Google’s access token: from its renewal, through the window in which it is renewed, to
 * its end. A dot for each renewal leads up to it.
 */
export function AccessTimeline({
  renewals,
  now,
  ...life
}: AccessLife & {
  /** Oldest first. The token at hand is the last, or it came with signing in. */
  renewals: readonly number[];
  now: number;
}) {
  const current = useNow(now);
  const state = accessStateOf(current, life);
  const before = renewals.filter((at) => at < life.renewedAt);
  const isRenewed = renewals.length > before.length;
  const { dots, along } = timelineScale(before.length);
  const [start, due, here] = [
    along(0),
    along(percentOfLife(life.dueAt, life)),
    along(percentOfLife(current, life)),
  ];
  const bar = (className: string, from: number, to: number) => (
    <rect className={className} x={`${from}%`} y="30" width={`${to - from}%`} height="8" rx="4" />
  );
  return (
    <figure className={`timeline timeline-${state}`}>
      <svg className="timeline-track" width="100%" height="52" aria-hidden="true" focusable="false">
        <text className="timeline-now" x={`${here}%`} y="13" textAnchor={anchorOf(here)}>
          now
        </text>
        <line className="timeline-past" x1="0" x2={`${start}%`} y1="34" y2="34" />
        {bar("timeline-life", start, 100)}
        {bar("timeline-window", due, 100)}
        {bar("timeline-spent", start, here)}
        <line className="timeline-split" x1={`${due}%`} x2={`${due}%`} y1="28" y2="40" />
        {dots.map((at) => (
          <circle key={at} className="timeline-dot" cx={`${at}%`} cy="34" r="4" />
        ))}
        <circle
          className={isRenewed ? "timeline-dot" : "timeline-dot timeline-first"}
          cx={`${start}%`}
          cy="34"
          r="6"
        />
        <line className="timeline-needle" x1={`${here}%`} x2={`${here}%`} y1="20" y2="46" />
      </svg>
      <dl className="timeline-ends">
        {before.length === 0 ? null : (
          <div>
            <dt>Renewals before</dt>
            <dd className="timeline-before">
              {[...before].reverse().map((at) => (
                <Moment key={at} at={at} kind="relative" now={current} />
              ))}
            </dd>
          </div>
        )}
        <div>
          <dt>{isRenewed ? "Renewed" : "Given when you signed in"}</dt>
          <dd>
            <Moment at={life.renewedAt} kind="time" now={current} />
          </dd>
        </div>
        <div>
          <dt>Renewal window</dt>
          <dd>
            <Moment at={life.dueAt} kind="time" now={current} />
            {" – "}
            <Moment at={life.expiresAt} kind="time" now={current} />
          </dd>
        </div>
      </dl>
      <figcaption className="timeline-caption">{SENTENCES[state]}</figcaption>
    </figure>
  );
}
