import { describe, expect, it } from "vitest";
import { fetchProfile } from "../../../app/google/userinfo.server";
import { json, networkError, type Play, scriptedHttp, text } from "./scripted-http";

const URL = "https://openidconnect.example/v1/userinfo";
const ADA = {
  sub: "ada-sub",
  name: "Ada Lovelace",
  email: "ada@example.com",
  email_verified: true,
  picture: "https://lh3.googleusercontent.com/a/ada",
};

async function fetched(play: Play) {
  const http = scriptedHttp(play);
  const profile = await fetchProfile(http, URL, "ya29.access", "ada-sub");
  return { profile, calls: http.calls };
}

describe("fetchProfile", () => {
  it("DA-06 sends the access token in the Authorization header only, and follows nobody", async () => {
    const { profile, calls } = await fetched(json(ADA));
    expect(profile).toEqual({
      status: "ok",
      name: "Ada Lovelace",
      email: "ada@example.com",
      verified: true,
      picture: "https://lh3.googleusercontent.com/a/ada",
    });
    expect(calls).toMatchObject([
      {
        url: URL,
        init: {
          method: "GET",
          body: null,
          redirect: "manual",
          headers: { Authorization: "Bearer ya29.access" },
        },
      },
    ]);
  });

  it.each(["grace-sub", "ADA-SUB", "", undefined, null, ["ada-sub"]])(
    "SF-25 PF-14 refuses an answer about %j",
    async (sub) => {
      const { profile } = await fetched(json({ ...ADA, sub }));
      expect(profile).toEqual({ status: "unavailable", cause: "wrong_subject" });
    },
  );

  it("PF-14 tells a token that is refused", async () => {
    const { profile } = await fetched(json(ADA, 401));
    expect(profile).toEqual({ status: "unavailable", cause: "refused" });
  });

  it.each<[string, Play]>([
    ["an error", json(ADA, 500)],
    ["a limit", text("User Rate Limit Exceeded", 403)],
    ["no network", networkError("ECONNRESET")],
    ["an HTML page", text("<html>")],
    ["nothing", text("")],
    ["a list", json([ADA])],
  ])("PF-14 PF-04 has no profile after %s", async (_what, play) => {
    const { profile } = await fetched(play);
    expect(profile).toEqual({ status: "unavailable", cause: "unreachable" });
  });

  it("CS-12 keeps an odd profile from doing harm", async () => {
    const odd = { sub: "ada-sub", name: 7, email: null, picture: "javascript:alert(1)" };
    const { profile } = await fetched(json({ ...odd, email_verified: "true" }));
    expect(profile).toEqual({
      status: "ok",
      name: "",
      email: "",
      verified: false,
      picture: null,
    });
  });
});
