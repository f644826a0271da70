import { describe, expect, it } from "vitest";
import { clientAddress } from "../../../app/http/client-address.server";

describe("the client's address", () => {
  it("SF-30 is the socket's where no proxy is trusted, whatever the header says", () => {
    expect(clientAddress("198.51.100.7", "203.0.113.1", 0)).toBe("198.51.100.7");
  });

  it.each([
    [1, "203.0.113.9", "203.0.113.9"],
    [1, "made-up, 203.0.113.9", "203.0.113.9"],
    [2, "made-up, 203.0.113.9, 10.0.0.1", "203.0.113.9"],
  ])("SF-30 is what the outermost of %i proxies of ours wrote: %s", (hops, header, address) => {
    expect(clientAddress("10.0.0.2", header, hops)).toBe(address);
  });

  it("is the socket's where a proxy that is trusted wrote nothing", () => {
    expect(clientAddress("198.51.100.7", undefined, 1)).toBe("198.51.100.7");
    expect(clientAddress("198.51.100.7", "203.0.113.1", 2)).toBe("198.51.100.7");
  });

  it("counts a network of IPv6 as one, and IPv4 in its clothes as IPv4", () => {
    const one = clientAddress("2001:db8:1:2:aaaa::1", undefined, 0);
    expect(clientAddress("2001:db8:1:2:bbbb::9", undefined, 0)).toBe(one);
    expect(clientAddress("2001:db8:1:3::1", undefined, 0)).not.toBe(one);
    expect(clientAddress("::ffff:198.51.100.7", undefined, 0)).toBe("198.51.100.7");
  });
});
