import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type KeptForm, recallForms, sortKept } from "../../../app/client/kept-forms";

const UNSENT: KeptForm = { path: "/agenda", form: "add", who: "ada", fate: "unsent", fields: [] };
const SENT: KeptForm = { ...UNSENT, fate: "sent" };
const LOST: KeptForm = { ...UNSENT, fate: "lost" };
const arrive = (kept: KeptForm[], path: string, who: string | null) =>
  sortKept(kept, { path, who });

/** A tab’s session storage that holds these forms; the answer reads what it holds then. */
function stored(kept: KeptForm[]): () => KeptForm[] {
  let text = JSON.stringify(kept);
  vi.stubGlobal("sessionStorage", {
    getItem: () => text,
    setItem: (_: string, value: string) => {
      text = value;
    },
  });
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  return () => JSON.parse(text);
}

describe("a form that was sent", () => {
  it("UX-03 is kept when that led to signing in: it never arrived", () => {
    const forms = stored([SENT]);
    recallForms("unsent");
    expect(forms()).toEqual([UNSENT]);
    expect(arrive(forms(), "/login", null)).toEqual({ keep: [UNSENT], restore: [] });
  });

  it("UX-03 is kept when no answer came back, beside what was never sent", () => {
    const other: KeptForm = { ...UNSENT, form: "other" };
    const forms = stored([SENT, other]);
    recallForms("lost");
    expect(forms()).toEqual([LOST, other]);
  });

  it("UX-03 is forgotten when a page comes up that isn’t for signing in, so that nothing is sent twice", () => {
    for (const path of ["/agenda", "/dashboard"]) {
      expect(arrive([SENT], path, "ada")).toEqual({ keep: [], restore: [] });
    }
  });
});

describe.each([
  ["that was not sent", UNSENT],
  ["that was sent and met no answer", LOST],
])("a form %s", (_, form) => {
  it("UX-03 is put back on its page, once", () => {
    expect(arrive([form], "/agenda", "ada")).toEqual({ keep: [], restore: [form] });
  });

  it("waits while other pages come first", () => {
    expect(arrive([form], "/dashboard", "ada")).toEqual({ keep: [form], restore: [] });
    expect(arrive([form], "/agenda", null)).toEqual({ keep: [form], restore: [] });
  });

  it("is shown to nobody else", () => {
    expect(arrive([form], "/agenda", "bob")).toEqual({ keep: [], restore: [] });
    expect(arrive([form], "/dashboard", "bob")).toEqual({ keep: [], restore: [] });
  });
});
