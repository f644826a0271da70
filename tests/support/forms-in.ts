export interface FormInPage {
  action: string;
  /** What a browser would send of it as it stands. */
  fields: Record<string, string>;
}

/** The forms of a page that post, as its HTML has them. */
export function formsIn(html: string): FormInPage[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)]
    .filter(([, tag = ""]) => /method="post"/.test(tag))
    .map(([, tag = "", inside = ""]) => ({
      action: attribute(tag, "action") ?? "",
      fields: Object.fromEntries(
        [...inside.matchAll(/<input\b[^>]*>/g)].flatMap(([input]) => {
          const name = attribute(input, "name");
          return name === null ? [] : [[name, attribute(input, "value") ?? ""]];
        }),
      ),
    }));
}

function attribute(tag: string, name: string): string | null {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll("&amp;", "&") ?? null;
}
