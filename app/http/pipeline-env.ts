/** What the pipeline's steps hand on to each other. */
export interface PipelineEnv {
  Variables: {
    requestId: string;
    /** For this answer's Content-Security-Policy. */
    nonce: string;
  };
}
