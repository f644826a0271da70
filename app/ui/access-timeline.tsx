import { Moment } from "./moment";
import { type AccessLife, type AccessState, accessStateOf, percentOfLife } from "./timeline-scale";
import { useNow } from "./use-now";

const SENTENCES: Readonly<Record<AccessState, string>> = {
  fresh: "Fresh. A visit in the last stretch renews it, and you notice nothing.",
  due: "Due. The next page you open renews it, and you notice nothing.",
  expired: "It ran out while nobody was here. The next page you open renews it.",
};

function anchorOf(percent: number): "start" | "middle" | "end" {
  if (percent < 8) return "start";
  return percent > 92 ? "end" : "middle";
}

/** The life of Google's access token: from its renewal, through the window in which it is renewed, to its end. */
export function AccessTimeline({ now, ...life }: AccessLife & { now: number }) {
  const current = useNow(now);
  const state = accessStateOf(current, life);
  const due = percentOfLife(life.dueAt, life);
  const here = percentOfLife(current, life);
  return (
    <figure className={`timeline timeline-${state}`}>
      <svg className="timeline-track" width="100%" height="52" aria-hidden="true" focusable="false">
        <text className="timeline-now" x={`${here}%`} y="13" textAnchor={anchorOf(here)}>
          now
        </text>
        <rect className="timeline-life" x="0" y="30" width="100%" height="8" rx="4" />
        <rect
          className="timeline-window"
          x={`${due}%`}
          y="30"
          width={`${100 - due}%`}
          height="8"
          rx="4"
        />
        <rect className="timeline-spent" x="0" y="30" width={`${here}%`} height="8" rx="4" />
        <line className="timeline-split" x1={`${due}%`} x2={`${due}%`} y1="28" y2="40" />
        <line className="timeline-needle" x1={`${here}%`} x2={`${here}%`} y1="20" y2="46" />
      </svg>
      <dl className="timeline-ends">
        <div>
          <dt>Renewed</dt>
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
