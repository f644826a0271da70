import type { Context, MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { type Random, randomId } from "../config/random.server";
import type { Settings } from "../config/settings.server";
import { CSP_REPORTS_PATH } from "./csp-reports.server";
import type { PipelineEnv } from "./pipeline-env";
import { isPlainHttp } from "./plain-http.server";
import { isSignIn } from "./public-address.server";

const HSTS = "Strict-Transport-Security";
const ONE_YEAR = "max-age=31536000; includeSubDomains";

/**
 * Headers that every answer carries; one that the answer has already stays, such as the stricter
 * policy of what is forwarded from a backend.
 *
 * Nobody else learns by `Referer` where on this app somebody was. Answers of the sign-in addresses
 * get `no-referrer`, since those addresses may hold a code (RFC 9700 4.2.4). Pages don’t: browsers
 * would then send `Origin: null` with their forms, and older ones send nothing else to judge by.
 */
export function securityHeaders(
  settings: Settings,
  random: Random,
): MiddlewareHandler<PipelineEnv> {
  const common = {
    overwrite: false,
    strictTransportSecurity: isSecure(settings.appOrigin) ? ONE_YEAR : false,
    xFrameOptions: "DENY",
    xXssProtection: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    permissionsPolicy: UNUSED_FEATURES,
    // Vite’s dev server injects styles and a client of its own, which no strict policy lets through.
    ...(settings.mode === "production" && contentSecurityPolicy(settings)),
  } satisfies Parameters<typeof secureHeaders>[0];
  const pages = secureHeaders({ ...common, referrerPolicy: "same-origin" });
  const signIn = secureHeaders({ ...common, referrerPolicy: "no-referrer" });

  return async (context, next) => {
    context.set("nonce", randomId(random));
    await (isSignIn(context.req.path) ? signIn : pages)(context, next);
    // Over plain http it means nothing, and must not be sent (RFC 6797 7.2).
    if (isPlainHttp(context, settings)) context.res.headers.delete(HSTS);
  };
}

/** The headers of answers that are made before there is a request for the pipeline. */
export function bareSecurityHeaders(appOrigin: string): Record<string, string> {
  return {
    ...(isSecure(appOrigin) && { [HSTS]: ONE_YEAR }),
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
  };
}

function isSecure(origin: string): boolean {
  return origin.startsWith("https:");
}

/**
 * No `'strict-dynamic'`: Remix’s links that preload modules carry no nonce.
 *
 * Browsers that know `report-to` leave `report-uri` unused, but take `Reporting-Endpoints` from https
 * only: on http loopback there is nothing but `report-uri`.
 */
function contentSecurityPolicy({ google, appOrigin }: Settings) {
  const secure = isSecure(appOrigin);
  return {
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'", ({ var: { nonce } }: Context<PipelineEnv>) => `'nonce-${nonce}'`],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", "https://*.googleusercontent.com", "https://*.ggpht.com"],
      connectSrc: ["'self'"],
      frameSrc: ["'none'"],
      workerSrc: ["'none'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
      formAction: ["'self'", ...whereProvidersLead(new URL(google.issuer))],
      reportUri: CSP_REPORTS_PATH,
      ...(secure && { reportTo: REPORTS }),
    },
    ...(secure && { reportingEndpoints: [{ name: REPORTS, url: CSP_REPORTS_PATH }] }),
  };
}

/**
 * Chrome and Safari apply `form-action` to a form’s redirects too (w3c/webappsec-csp#8), and the sign-in
 * form’s end where the provider’s people sign in: at its endpoint, or at an organisation’s own page, which
 * nobody knows before. So: anywhere over https (ADR 12), and on this machine if the provider is there.
 */
function whereProvidersLead(issuer: URL): string[] {
  return [
    issuer.origin,
    "https:",
    ...(issuer.protocol === "http:" ? [`http://${issuer.hostname}:*`] : []),
  ];
}

const REPORTS = "csp";

/** What a page may ask a browser for, and this app never does. An API that you come to use goes from here. */
const UNUSED_FEATURES = {
  accelerometer: false,
  autoplay: false,
  camera: false,
  clipboardRead: false,
  displayCapture: false,
  encryptedMedia: false,
  fullscreen: false,
  gamepad: false,
  geolocation: false,
  gyroscope: false,
  hid: false,
  identityCredentialsGet: false,
  idleDetection: false,
  localFonts: false,
  magnetometer: false,
  microphone: false,
  midi: false,
  payment: false,
  pictureInPicture: false,
  publickeyCredentialsGet: false,
  screenWakeLock: false,
  serial: false,
  storageAccess: false,
  usb: false,
  windowManagement: false,
  xrSpatialTracking: false,
} as const;
