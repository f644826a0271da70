import { describe, expect, it } from "vitest";
import { isKnownHost } from "../../local-google/dev-server-rules";

const closed = { host: undefined, publicName: undefined };
const tunnel = { host: undefined, publicName: "dev.example.test" };
const open = { host: "0.0.0.0", publicName: undefined };

describe("the dev server", () => {
  it.each([
    "localhost",
    "localhost:3000",
    "LOCALHOST:3000",
    "127.0.0.1:3000",
    "[::1]:3000",
    "app.localhost",
  ])("FD-6 is known as %s", (header) => {
    expect(isKnownHost(header, closed)).toBe(true);
  });

  it.each([
    ...[
      "evil.example",
      "evil.example:3000",
      "localhost.evil.example",
      "notlocalhost",
      "127.0.0.1.evil.example",
    ],
    ...["", " ", "localhost@evil.example", "evil.example/localhost", "192.168.0.7", "[fe80::1]"],
  ])("FD-6 isn’t known as %s", (header) => {
    expect(isKnownHost(header, closed)).toBe(false);
    expect(isKnownHost(undefined, closed)).toBe(false);
  });

  it("FD-2 is known by APP_ORIGIN’s name, and by its address where HOST opens it", () => {
    expect(isKnownHost("dev.example.test", tunnel)).toBe(true);
    expect(isKnownHost("dev.example.test.evil.example", tunnel)).toBe(false);
    expect(isKnownHost("192.168.0.7:3000", open)).toBe(true);
    expect(isKnownHost("[fe80::1]:3000", open)).toBe(true);
    expect(isKnownHost("evil.example", open)).toBe(false);
    expect(isKnownHost("my-machine:3000", { ...open, host: "my-machine" })).toBe(true);
  });
});
