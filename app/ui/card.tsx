import { type ReactNode, useId } from "react";

/** One matter, set apart: a section with its heading when it has one. */
export function Card({
  title,
  description,
  actions,
  children,
}: {
  title?: string;
  description?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}) {
  const titleId = useId();
  const inside = (
    <>
      {title === undefined ? null : (
        <h2 className="card-title" id={titleId}>
          {title}
        </h2>
      )}
      {description === undefined ? null : <p className="card-description">{description}</p>}
      {children === undefined ? null : <div className="card-body">{children}</div>}
      {actions === undefined ? null : <div className="card-actions">{actions}</div>}
    </>
  );
  if (title === undefined) return <div className="card">{inside}</div>;
  return (
    <section className="card" aria-labelledby={titleId}>
      {inside}
    </section>
  );
}
