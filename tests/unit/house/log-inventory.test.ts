import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LOG_EVENTS } from "../../../app/config/log-events";
import { LOG_FIELDS } from "../../../app/config/log-fields";

const TEXT = readFileSync("docs/log-inventory.md", "utf8");
const [ABOUT_FIELDS = "", ABOUT_EVENTS = ""] = TEXT.split("\n## Events\n");

/** The rows of the tables in a text, cell by cell, without heads. */
function rowsOf(text: string): string[][] {
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
const namesIn = (cell = "") => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? "");

/** What the app writes, as its source has it: event, level and, where they stand there, fields. */
const SOURCE = readdirSync("app", { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !path.includes("log-events"))
  .map((path) => readFileSync(`app/${path}`, "utf8"))
  .join("\n");

describe("the log inventory", () => {
  it("LG-09 has every event that the code knows, once, and no other", () => {
    const events = rowsOf(ABOUT_EVENTS).flatMap(([event]) => namesIn(event));
    expect([...events].sort()).toEqual([...LOG_EVENTS].sort());
  });

  it("LG-09 has every field, once, and lets events have no others", () => {
    const always = ["time", "level", "event", "version"];
    const fields = rowsOf(ABOUT_FIELDS).flatMap(([field]) => namesIn(field));
    expect([...fields].sort()).toEqual([...always, ...Object.keys(LOG_FIELDS)].sort());
    const used = rowsOf(ABOUT_EVENTS).flatMap(([, , , cell]) => namesIn(cell));
    for (const field of used) expect(fields).toContain(field);
  });

  it("LG-09 says the levels at which each event is written", () => {
    for (const [event = "", levels = ""] of rowsOf(ABOUT_EVENTS)) {
      const [name = ""] = namesIn(event);
      const written = [...SOURCE.matchAll(new RegExp(`(\\w+|\\])\\(\\s*"${name}"`, "g"))];
      expect(written.length, name).toBeGreaterThan(0);
      // `log[level](…)` decides when it runs.
      const fixed = written.map(([, level = ""]) => level).filter((level) => level !== "]");
      for (const level of fixed) expect(levels.split(", "), name).toContain(level);
    }
  });

  it("LG-09 says where lines go, how long they are kept and who may read them", () => {
    for (const word of ["Standard output", "Standard error", "Retention", "Access", "Never"]) {
      expect(ABOUT_FIELDS).toContain(`**${word}**`);
    }
  });
});
