/**
 * Loads oidc-provider late and past its index file: the index warns on the console about every
 * Node below 22 (we support 20), and a static import would pull the library into whatever merely
 * mentions the local Google, such as `vite build` by way of the dev plugin.
 */
export async function loadProvider() {
  const [{ Provider }, { Check, Prompt }, { InvalidScope }] = await Promise.all([
    import("oidc-provider/lib/provider.js"),
    import("oidc-provider/lib/helpers/interaction_policy/index.js"),
    import("oidc-provider/lib/helpers/errors.js"),
  ]);
  return { Provider, Check, Prompt, InvalidScope };
}

export type ProviderModules = Awaited<ReturnType<typeof loadProvider>>;
