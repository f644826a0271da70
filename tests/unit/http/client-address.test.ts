import { describe, expect, it } from "vitest";
import { clientAddress } from "../../../app/http/client-address.server";

describe("the client’s address", () => {
  it("SF-30 is the socket’s where no proxy is trusted, whatever the header says", () => {
    expect(clientAddress("198.51.100.7", "203.0.113.1", 0)).toBe("198.51.100.7");
  });

  it.each([
    [1, "203.0.113.9", "203.0.113.9"],
    [1, "made-up, 203.0.113.9", "203.0.113.9"],
    [2, "made-up, 203.0.113.9, 10.0.0.1", "203.0.113.9"],
  ])("SF-30 is what the outermost of %i proxies of ours wrote: %s", (hops, header, address) => {
    expect(clientAddress("10.0.0.2", header, hops)).toBe(address);
  });

  it("is the socket’s where a proxy that is trusted wrote nothing", () => {
    expect(clientAddress("198.51.100.7", undefined, 1)).toBe("198.51.100.7");
    expect(clientAddress("198.51.100.7", "203.0.113.1", 2)).toBe("198.51.100.7");
  });

  it("counts a network of IPv6 as one, and IPv4 in its clothes as IPv4", () => {
    const one = clientAddress("2001:db8:1:2:aaaa::1", undefined, 0);
    expect(clientAddress("2001:db8:1:2:bbbb::9", undefined, 0)).toBe(one);
    expect(clientAddress("2001:db8:1:3::1", undefined, 0)).not.toBe(one);
    expect(clientAddress("::ffff:198.51.100.7", undefined, 0)).toBe("198.51.100.7");
  });

  it.each([
    ["203.0.113.10:40001", "203.0.113.10"],
    ["203.0.113.10:40002", "203.0.113.10"],
    ["203.0.113.10:", "203.0.113.10"],
    ["[2001:db8:1:2:aaaa::1]:443", "2001:db8:1:2::/64"],
    ["[2001:db8:1:2::1]", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2:0:0:0:9", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::ffff:203.0.113.10", "203.0.113.10"],
    ["::FFFF:cb00:710a", "203.0.113.10"],
    ["[::ffff:203.0.113.10]:80", "203.0.113.10"],
    ["0:0:0:0:0:ffff:203.0.113.10", "203.0.113.10"],
    [" 203.0.113.10 ", "203.0.113.10"],
  ])("FB-5 is parsed, without port, brackets and zone: %s", (written, address) => {
    expect(clientAddress("198.51.100.7", written, 1)).toBe(address);
    expect(clientAddress(written.trim(), undefined, 0)).toBe(address);
  });

  it.each([
    "unknown",
    "_hidden",
    "",
    "203.0.113",
    "203.0.113.010",
    "203.0.113.10:port",
    "203.0.113.10/24",
    "2001:db8::1::2",
    "[203.0.113.10",
    "[2001:db8::1]x",
    "1:".repeat(40),
    "<script>",
  ])("FB-5 is the socket’s where what a proxy wrote is no address: %s", (written) => {
    expect(clientAddress("198.51.100.7", written, 1)).toBe("198.51.100.7");
    expect(clientAddress("198.51.100.7", `203.0.113.1, ${written}`, 1)).toBe("198.51.100.7");
  });
});
