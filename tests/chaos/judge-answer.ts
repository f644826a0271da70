/** What one answer tells its browser. */
export type Verdict =
  /** Signed in, with Google’s data in the page where it was asked for. */
  | { kind: "data" }
  /** Signed in; Google’s data is missing just now. */
  | { kind: "gap" }
  | { kind: "signed out"; reason: string }
  /** A redirect or an answer that says nothing about who is signed in. */
  | { kind: "other" };

export interface Answer {
  path: string;
  status: number;
  location: string | null;
  body: string;
}

/** Reads an answer as the person at the browser would. */
export function judgeAnswer({ path, status, location, body }: Answer): Verdict {
  if (location !== null && new URL(location, "https://any.invalid").pathname === "/login") {
    const reason = new URL(location, "https://any.invalid").searchParams.get("reason");
    return { kind: "signed out", reason: reason ?? "none given" };
  }
  if (path === "/api/session" && status === 200) {
    const report = JSON.parse(body) as { status: string; reason?: string | null };
    return report.status === "authenticated"
      ? { kind: "data" }
      : { kind: "signed out", reason: report.reason ?? "none given" };
  }
  if (path === "/dashboard" && status === 200) {
    return { kind: body.includes("Verified by Google") ? "data" : "gap" };
  }
  if (path === "/dashboard.data") {
    // A redirect of single fetch is no redirect of HTTP: 202 in Remix 2, with its target in the body.
    const to = /"(\/login[^"]*)"/.exec(body)?.[1];
    if (to !== undefined) return judgeAnswer({ path, status, location: to, body: "" });
    if (status === 200) return { kind: "data" };
  }
  if (status === 401) return { kind: "signed out", reason: "401" };
  return { kind: "other" };
}
