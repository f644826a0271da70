import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { postingFormsIn } from "./read-source";

const forms = readdirSync("app", { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".tsx"))
  .flatMap((path) =>
    postingFormsIn(readFileSync(`app/${path}`, "utf8")).map((form) => ({ path, ...form })),
  );

describe("a form that posts", () => {
  it("FE-24 tells for whom its page was made, by <MadeFor />", () => {
    expect(forms.length).toBeGreaterThan(4);
    expect(forms.filter(({ saysForWhom }) => !saysForWhom)).toEqual([]);
  });

  it("is told from its source, of whatever kind it is", () => {
    expect(
      postingFormsIn(`
        const a = <form method="post"><input /></form>;
        const b = <fetcher.Form method="post" action="/x"><MadeFor /></fetcher.Form>;
        const c = <Form method={method}><p><MadeFor /></p></Form>;
        const d = <form method="get"></form>;
        const e = <form></form>;`),
    ).toEqual([
      { name: "form", saysForWhom: false },
      { name: "fetcher.Form", saysForWhom: true },
      { name: "Form", saysForWhom: true },
    ]);
  });
});
