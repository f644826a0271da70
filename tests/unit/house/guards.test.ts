import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PUBLIC_ROUTES } from "../../support/public-routes";
import { firstStatementsIn } from "./read-source";

const guarded = readdirSync("app/routes")
  .map((file) => ({ file, id: `routes/${file.replace(/\.tsx?$/, "")}` }))
  .filter(({ id }) => !PUBLIC_ROUTES.has(id));

describe("a route that isn’t for everybody", () => {
  it.each(guarded)(
    "DA-09 requires the user first of all in its loader and its action: $id",
    ({ file }) => {
      const firsts = firstStatementsIn(readFileSync(`app/routes/${file}`, "utf8"));
      expect(firsts.loader, "it has a loader of its own").toBeDefined();
      for (const first of Object.values(firsts)) {
        expect(first).toMatch(
          /^(const \{[^}]+\} = )?await requireUser\(\{ request, context \}\);$|^showsOnly$/,
        );
      }
    },
  );

  it("is told from its source, however the function is written", () => {
    expect(
      firstStatementsIn(`
        export async function loader() { await a(); b(); }
        export const action = async () => { b(); };
        function helper() { c(); }`),
    ).toEqual({ loader: "await a();", action: "b();" });
    expect(firstStatementsIn("export const loader = load; export { action };")).toEqual({
      loader: "load",
      action: "",
    });
  });
});
