import { LinkButton } from "./button";

/**
 * What went wrong in plain words, and one way on. Stands inside a `Shell`;
 * an error boundary that knows nobody puts it inside a `Frame`.
 */
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
