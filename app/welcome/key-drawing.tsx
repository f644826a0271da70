/** How deep each tooth is cut. A real key’s cuts are uneven, so these are. */
const CUTS = [20, 11, 26, 15, 8, 23, 13, 19, 10] as const;

const FIRST_CUT = 312;
const BETWEEN = 74;
const FLAT = 24;
const EDGE = 96;

const cuts = CUTS.map((depth, index) => ({
  left: FIRST_CUT + index * BETWEEN,
  right: FIRST_CUT + index * BETWEEN + FLAT,
  depth,
  y: EDGE - depth,
}));

const bittingFromTheTip = cuts
  .toReversed()
  .map(({ left, right, depth, y }) => `H${right + depth}L${right} ${y}H${left}l${-depth} ${depth}`)
  .join("");

const outline = `M124 44H1000L1022 70L996 ${EDGE}${bittingFromTheTip}H238V88H124A64 64 0 1 1 124 44Z`;

/** One long key. The line along its blade is the session, unbroken; each cut is a renewal. */
export function KeyDrawing() {
  return (
    <div className="key-drawing">
      <svg width="1028" height="132" viewBox="-2 0 1028 132" aria-hidden="true" focusable="false">
        <path className="key-body" d={outline} />
        <circle className="key-eye" cx="54" cy="66" r="21" />
        <path className="key-groove" d="M124 60H986" />
        {cuts.map(({ left, right, y }) => (
          <path className="key-cut" key={left} d={`M${left} ${y}H${right}`} />
        ))}
      </svg>
    </div>
  );
}
