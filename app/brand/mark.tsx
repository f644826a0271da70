/** The latchkey: a round bow with its eye, a shaft, two teeth. Drawn in the colour of the text around it. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg
      className="mark"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="currentColor"
      aria-hidden="true"
      focusable="false"
    >
      <path
        fillRule="evenodd"
        d="M12 1a6 6 0 0 1 1.5 11.8V15h3.25v2.5H13.5v1.75H16v2.5h-2.5V23h-3V12.8A6 6 0 0 1 12 1Zm0 2.9a3.1 3.1 0 1 0 0 6.2 3.1 3.1 0 0 0 0-6.2Z"
      />
    </svg>
  );
}
