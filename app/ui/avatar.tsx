import { initialsOf } from "./initials";

type AvatarSize = "small" | "medium" | "large";

/**
 * A person’s picture over their initials: while it loads, or if it never comes, the initials are there.
 * It is decoration beside the name, so assistive technology is told nothing.
 */
export function Avatar({
  name,
  picture,
  size = "small",
}: {
  name: string;
  picture: string | null;
  size?: AvatarSize;
}) {
  return (
    <span className={`avatar avatar-${size}`}>
      <span aria-hidden="true">{initialsOf(name)}</span>
      {picture?.startsWith("https://") ? (
        <img src={picture} alt="" referrerPolicy="no-referrer" decoding="async" />
      ) : null}
    </span>
  );
}
