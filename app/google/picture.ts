/** Google's hosts for profile pictures. */
const PICTURE_HOST = /(^|\.)(googleusercontent\.com|ggpht\.com)$/;

/** A profile picture's address if it is https on a host of Google's, else null (CS-12). */
export function allowedPicture(address: string | null): string | null {
  if (address === null || address.length > 1024 || !URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === "https:" && PICTURE_HOST.test(url.hostname) ? url.href : null;
}
