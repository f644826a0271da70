import { describe, expect, it } from "vitest";
import { type KeptForm, sortKept } from "../../../app/client/kept-forms";

const UNSENT: KeptForm = { path: "/agenda", form: "add", who: "ada", fate: "unsent", fields: [] };
const SENT: KeptForm = { ...UNSENT, fate: "sent" };
const LOST: KeptForm = { ...UNSENT, fate: "lost" };
const arrive = (kept: KeptForm[], path: string, who: string | null) =>
  sortKept(kept, { path, who });

describe("a form that was sent", () => {
  it("UX-03 is forgotten when a page comes up that isn't for signing in, so that nothing is sent twice", () => {
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
