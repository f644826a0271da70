import type { Log } from "../config/log.server";

/** What the pipeline’s steps hand on to each other. */
export interface PipelineEnv {
  Variables: {
    requestId: string;
    /** Whose limits count: an IPv4 address, or a network of IPv6. */
    clientAddress: string;
    /** Each line carries what is known of the request. */
    log: Log;
    /** For this answer’s Content-Security-Policy. */
    nonce: string;
  };
}
