// The deep modules of oidc-provider that load-provider.ts imports, and why, is said there.
declare module "oidc-provider/lib/provider.js" {
  export { default as Provider } from "oidc-provider";
}
declare module "oidc-provider/lib/helpers/interaction_policy/index.js" {
  export const Check: typeof import("oidc-provider").interactionPolicy.Check;
  export const Prompt: typeof import("oidc-provider").interactionPolicy.Prompt;
}
declare module "oidc-provider/lib/helpers/errors.js" {
  export const InvalidScope: typeof import("oidc-provider").errors.InvalidScope;
}
