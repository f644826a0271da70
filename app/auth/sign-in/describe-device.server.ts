import Bowser from "bowser";

/** A browser and its system in plain words; null where the browser doesn't say. */
export interface Device {
  browser: string | null;
  system: string | null;
}

/** Reads `User-Agent` for the account page, where a person is to recognise their devices by it. */
export function describeDevice(userAgent: string | null): Device {
  if (!userAgent) return { browser: null, system: null };
  const { browser, os } = Bowser.parse(userAgent.slice(0, 512));
  return { browser: browser.name || null, system: os.name || null };
}
