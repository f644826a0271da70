import { LinkButton } from "./button";

/** What went wrong in plain words, and one way on, by a full load: the page's own code may be what failed. */
export function ProblemPage({
  title,
  message,
  nextStep,
}: {
  title: string;
  message: string;
  nextStep: { label: string; to: string };
}) {
  return (
    <div className="problem">
      <h1>{title}</h1>
      <p className="lead">{message}</p>
      <LinkButton variant="primary" to={nextStep.to} reloadDocument>
        {nextStep.label}
      </LinkButton>
    </div>
  );
}
