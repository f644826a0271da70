import { isIP } from "node:net";
import { loadEnv, type Plugin } from "vite";

/** By which names a dev server may be asked, besides this machine’s own. */
export interface DevNames {
  /** What `HOST` opens it to; undefined for this machine alone. */
  host: string | undefined;
  /** The name in `APP_ORIGIN`, such as a tunnel’s. */
  publicName: string | undefined;
}

/**
 * Where Vite’s dev server listens (`HOST`, `PORT`), by which names it may be asked, and which files it
 * gives away. In the environment or in `.env`, like all settings.
 */
export function devServerRules(mode: string): Plugin {
  // Whatever the shell is set up for: React and Vite have to agree on what they make pages of.
  process.env.NODE_ENV = "development";
  const env = loadEnv(mode, process.cwd(), ["APP_ORIGIN", "HOST", "PORT"]);
  const { PORT, HOST, APP_ORIGIN = "" } = env;
  const host = HOST?.trim() || undefined;
  const publicName = URL.canParse(APP_ORIGIN) ? new URL(APP_ORIGIN).hostname : undefined;
  return {
    name: "latchkey:dev-server-rules",
    config: () => ({
      server: {
        port: Number(PORT) || 3000,
        strictPort: true,
        ...(host !== undefined && { host }),
        allowedHosts: publicName === undefined ? [] : [publicName],
        fs: {
          // What pages are made of, and no secret, database or session beside it.
          allow: ["app", "node_modules"],
          deny: [".env", ".env.*", "*.{crt,pem}", "**/.git/**", "**/data/**"],
        },
      },
    }),
    configureServer(server) {
      // Before all else: Vite looks at `Host` after what plugins serve, and so after the app.
      server.middlewares.use((request, response, next) => {
        if (isKnownHost(request.headers.host, { host, publicName })) return next();
        response.writeHead(403, {
          "Content-Type": "text/plain; charset=utf-8",
          "X-Content-Type-Options": "nosniff",
        });
        response.end("The dev server isn’t known by that name. Set APP_ORIGIN to what you open.\n");
      });
    },
  };
}

/**
 * Whether a dev server may be asked by this `Host`. Any name may lead here once its owner says so in
 * the DNS, and a page of theirs could then read what is served (DNS rebinding). A plain address can’t
 * be made to, but is asked for only where `HOST` opens the server to others.
 */
export function isKnownHost(header: string | undefined, { host, publicName }: DevNames): boolean {
  if (header === undefined || !URL.canParse(`http://${header}`)) return false;
  const { hostname } = new URL(`http://${header}`);
  if (/^((.+\.)?localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)) return true;
  if (hostname === publicName || hostname === host) return true;
  return host !== undefined && isIP(hostname.replace(/^\[|\]$/g, "")) !== 0;
}
