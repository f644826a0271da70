import { createContext, useContext } from "react";

/** This answer’s CSP nonce, for the server’s rendering only: browsers hide it from scripts. */
export const NonceContext = createContext("");

export function useNonce(): string {
  return useContext(NonceContext);
}
