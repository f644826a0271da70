import type { ReactNode } from "react";

type Tone = "info" | "good" | "warn" | "bad";

const SHAPES: Readonly<Record<Tone, string>> = {
  info: "M10 9v5M10 6v.5",
  good: "m6.5 10.5 2.5 2.5 4.5-5.5",
  warn: "M10 5.5v5.5M10 14v.5",
  bad: "m7 7 6 6m0-6-6 6",
};

/** Something the person should know now. What went wrong is announced at once, the rest politely. */
export function Notice({
  tone,
  title,
  children,
}: {
  tone: Tone;
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className={`notice notice-${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <svg
        width="20"
        height="20"
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        <circle cx="10" cy="10" r="8.5" strokeWidth="1.5" />
        <path d={SHAPES[tone]} />
      </svg>
      <div className="notice-text">
        <p className="notice-title">{title}</p>
        {children === undefined ? null : <div className="notice-body">{children}</div>}
      </div>
    </div>
  );
}
