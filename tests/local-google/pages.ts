import type { Account } from "./accounts";
import { describeScope, isFeature } from "./scopes";

const STYLE = `
:root { color-scheme: light dark; --ground: #f3f4f6; --card: #fff; --text: #1f2328; --quiet: #57606a; --line: #d0d7de; --accent: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --ground: #101215; --card: #1b1e23; --text: #e8eaed; --quiet: #a9b1bb; --line: #3a4049; --accent: #8ab4f8; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { width: min(28rem, 100%); overflow-wrap: anywhere; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; } .quiet { color: var(--quiet); }
.notice { font-size: .875rem; padding-bottom: 1rem; margin-bottom: 1.5rem; border-bottom: 1px solid var(--line); }
ul { list-style: none; margin: 0 0 1.5rem; padding: 0; display: grid; gap: .5rem; }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: .5rem; padding: .625rem 1rem; cursor: pointer; }
button:hover { border-color: var(--accent); } button:focus-visible, input:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.account { width: 100%; text-align: start; } .account span { display: block; color: var(--quiet); font-size: .875rem; }
label { display: flex; gap: .75rem; align-items: baseline; } .choice { display: flex; justify-content: end; gap: .75rem; }
.primary { background: var(--accent); border-color: var(--accent); color: var(--card); }`;

/** Forms that end in a redirect to the app: `form-action` stays open, or Chrome would block them. */
export const PAGE_HEADERS = {
  "Cache-Control": "no-store",
  "Content-Security-Policy":
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – Local Google</title><style>${STYLE}</style></head>
<body><main><p class="notice quiet">Local Google — for development; not Google</p>${content}</main></body></html>`;
}

export function chooserPage(accounts: Account[], app: string): string {
  const buttons = accounts.map(
    ({ sub, name, email }) =>
      `<li><button class="account" name="account" value="${escapeHtml(sub)}">${escapeHtml(name)} <span>${escapeHtml(email)}</span></button></li>`,
  );
  return page(
    "Choose an account",
    `<h1>Choose an account</h1><p class="quiet">to continue to ${escapeHtml(app)}</p>
<form method="post"><ul>${buttons.join("")}</ul>
<div class="choice"><button name="decision" value="cancel">Cancel</button></div></form>`,
  );
}

export function consentPage(account: Account, app: string, scopes: string[]): string {
  const features = scopes
    .filter(isFeature)
    .map(
      (scope) =>
        `<li><label><input type="checkbox" name="scope" value="${escapeHtml(scope)}" checked> ${escapeHtml(describeScope(scope))}</label></li>`,
    );
  const choices =
    features.length > 0
      ? `<p>Choose what ${escapeHtml(app)} may do:</p><ul>${features.join("")}</ul>`
      : "";
  return page(
    `Sign in to ${app}`,
    `<h1>Sign in to ${escapeHtml(app)}</h1><p class="quiet">as ${escapeHtml(account.email)}</p>
<p>${escapeHtml(app)} will see your name, email address and profile picture.</p>
<form method="post">${choices}<div class="choice"><button name="decision" value="cancel">Cancel</button>
<button class="primary" name="decision" value="allow">Allow</button></div></form>`,
  );
}

// Google’s own names, where oidc-provider’s differ.
const ERROR_NAMES: Readonly<Record<string, string>> = {
  invalid_redirect_uri: "redirect_uri_mismatch",
};

export function errorPage(error: string, description = ""): string {
  const name = ERROR_NAMES[error] ?? error;
  return page(
    "Access blocked",
    `<h1>Access blocked</h1><p>${escapeHtml(description)}</p><p class="quiet">Error: <code>${escapeHtml(name)}</code></p>`,
  );
}
