import { describe, expect, it } from "vitest";
import { type KeptForm, sortKept } from "../../../app/client/kept-forms";

const HELD: KeptForm = { path: "/agenda", form: "add", who: "ada", sent: false, fields: [] };
const SENT: KeptForm = { ...HELD, sent: true };
const arrive = (kept: KeptForm[], path: string, who: string | null) =>
  sortKept(kept, { path, who, isSignIn: path === "/login" });

describe("a form that was sent", () => {
  it("UX-03 is kept when that led to signing in: it never arrived", () => {
    expect(arrive([SENT], "/login", null)).toEqual({ keep: [HELD], restore: [] });
  });

  it("UX-03 is forgotten when that led anywhere else, so that nothing is sent twice", () => {
    for (const path of ["/agenda", "/dashboard"]) {
      expect(arrive([SENT], path, "ada")).toEqual({ keep: [], restore: [] });
    }
  });
});

describe("a form that was kept", () => {
  it("UX-03 is put back on its page, once", () => {
    expect(arrive([HELD], "/agenda", "ada")).toEqual({ keep: [], restore: [HELD] });
  });

  it("waits while other pages come first", () => {
    expect(arrive([HELD], "/dashboard", "ada")).toEqual({ keep: [HELD], restore: [] });
    expect(arrive([HELD], "/agenda", null)).toEqual({ keep: [HELD], restore: [] });
  });

  it("is shown to nobody else", () => {
    expect(arrive([HELD], "/agenda", "bob")).toEqual({ keep: [], restore: [] });
    expect(arrive([HELD], "/dashboard", "bob")).toEqual({ keep: [], restore: [] });
  });
});
