import { parseUrl } from "../config/parse-url";

/** Google’s hosts for profile pictures. */
const PICTURE_HOST = /(^|\.)(googleusercontent\.com|ggpht\.com)$/;

/** A profile picture’s address if it is https on a host of Google’s, else null (CS-12). */
export function allowedPicture(address: string | null): string | null {
  const url = address === null || address.length > 1024 ? null : parseUrl(address);
  return url?.protocol === "https:" && PICTURE_HOST.test(url.hostname) ? url.href : null;
}
