export type TokenSizes = "typical" | "documented-maximum";

/** What tests turn and `control.reset()` turns back. */
export type Settings = {
  accessTokenSeconds: number;
  tokenSizes: TokenSizes;
  rotateRefreshTokens: boolean;
  withholdRefreshTokens: boolean;
  idTokenOnRefresh: boolean;
  refreshTokenLimit: number;
  jwksMaxAge: number;
  dateSkew: number;
};

export function defaultSettings(accessTokenSeconds = 3600): Settings {
  return {
    accessTokenSeconds,
    tokenSizes: "typical",
    rotateRefreshTokens: false,
    withholdRefreshTokens: false,
    idTokenOnRefresh: true,
    refreshTokenLimit: 100,
    jwksMaxAge: 23_474,
    dateSkew: 0,
  };
}
