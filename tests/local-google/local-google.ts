import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { CallLog } from "./call-log";
import { type Clock, readOutsideScope, withClock } from "./clock-scope";
import { type Control, controlOf } from "./control";
import { withoutExpiry } from "./cookie-expiry";
import type { Faults } from "./faults";
import { googleApp } from "./google-app";
import { GoogleState } from "./google-state";
import { loadProvider } from "./load-provider";
import { readBodyAhead } from "./request-body";
import { loadState, stateSaver } from "./state-file";

export type LocalGoogleOptions = {
  /** Any free one by default. */
  port?: number;
  host?: string;
  /** The system clock by default. Everything here follows it, and nothing else does. */
  clock?: Clock;
  redirectUris: string[];
  accessTokenSeconds?: number;
  /** Keeps client, keys, grants and tokens in this file, so that a restart signs nobody out. */
  stateFile?: string;
  /** Hears what the app asks for that nobody has taught the local Google. */
  tell?: (message: string) => void;
};

export type LocalGoogle = {
  issuer: string;
  clientId: string;
  clientSecret: string;
  addRedirectUri(uri: string): void;
  calls: CallLog;
  faults: Faults;
  control: Control;
  stop(): Promise<void>;
};

export async function startLocalGoogle(options: LocalGoogleOptions): Promise<LocalGoogle> {
  const { stateFile, accessTokenSeconds, redirectUris } = options;
  const clock = readOutsideScope(options.clock ?? { now: () => Date.now() });
  const saved = stateFile === undefined ? undefined : await loadState(stateFile);
  const state = new GoogleState({
    clock,
    redirectUris,
    ...(accessTokenSeconds === undefined ? {} : { accessTokenSeconds }),
    ...(options.tell ? { tell: options.tell } : {}),
    ...(saved ? { saved } : {}),
  });

  const modules = await loadProvider();
  const app = () => withClock(clock, () => googleApp(state, () => control, modules));
  const control = controlOf(state, () => {
    handle = app();
    saver?.changed();
  });

  const server = createServer((request, response) => {
    void withClock(clock, () => respond(request, response));
  });
  // A connection that closes for idleness just as it is used again is a network failure to the app,
  // whose pause before the next attempt a standing clock would never let end.
  server.keepAliveTimeout = 600_000;
  async function respond(request: IncomingMessage, response: ServerResponse) {
    try {
      await readBodyAhead(request);
    } catch {
      return; // the client went away while it was sending
    }
    response.setHeader("Date", new Date(clock.now() + state.settings.dateSkew).toUTCString());
    withoutExpiry(response);
    await handle(request, response);
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, options.host ?? "127.0.0.1", resolve);
  });

  state.open(`http://localhost:${(server.address() as AddressInfo).port}`);
  let handle = app();
  const saver = stateFile === undefined ? undefined : stateSaver(stateFile, () => state.save());
  state.store.onChange(() => saver?.changed());
  saver?.changed(); // the new client and keys, from the first moment

  return {
    issuer: state.issuer,
    clientId: state.clientId,
    clientSecret: state.clientSecret,
    addRedirectUri: (uri) => state.redirectUris.add(uri),
    calls: state.calls,
    faults: state.faults,
    control,
    stop: async () => {
      state.faults.clear();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await saver?.finish();
    },
  };
}
