import { LinkButton } from "./button";

/**
 * What went wrong in plain words, and one way on: by a full load, as the page’s own code may be what
 * failed, unless a load would only show the browser’s own word for having no network.
 */
export function ProblemPage({
  title,
  message,
  nextStep,
  byFullLoad = true,
}: {
  title: string;
  message: string;
  nextStep: { label: string; to: string };
  byFullLoad?: boolean;
}) {
  return (
    <div className="problem">
      <h1>{title}</h1>
      <p className="lead">{message}</p>
      <LinkButton variant="primary" to={nextStep.to} reloadDocument={byFullLoad}>
        {nextStep.label}
      </LinkButton>
    </div>
  );
}
