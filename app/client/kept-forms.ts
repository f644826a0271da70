/**
 * Forms that survive an end of the session: `<form data-kept="name">`, with fields that React doesn't
 * control. What was typed waits in this tab's session storage while the person signs in again, and is
 * then put back for them to send; nothing is sent by itself.
 */
export interface KeptForm {
  /** The page, and the form on it. */
  path: string;
  form: string;
  /** Whose it is, by the id of `/api/session`: nobody else is shown it. */
  who: string;
  /** Whether it is on its way, and so maybe no longer needed. */
  sent: boolean;
  fields: KeptField[];
}

interface KeptField {
  name: string;
  value: string;
  checked: boolean;
}

const KEY = "latchkey-forms";
/** Never kept: what is secret, and what nobody types. */
const NOT_KEPT = /^(password|hidden|file|submit|button|reset|image|fieldset|output)$/;

/** Keeps every such form of the page, before the page is left for signing in. */
export function keepForms(path: string, who: string): void {
  for (const form of document.querySelectorAll("form")) keep(form, { path, who, sent: false });
}

/** Keeps such a form when it is sent, until it is known where that led. */
export function keepSentForms(path: string, who: string): () => void {
  const onSubmit = ({ target }: Event) => {
    if (target instanceof HTMLFormElement) keep(target, { path, who, sent: true });
  };
  document.addEventListener("submit", onSubmit, true);
  return () => document.removeEventListener("submit", onSubmit, true);
}

/**
 * Settles what is kept when a page has come up.
 *
 * @returns whether a form of this page got back what was typed.
 */
export function settleForms(arrival: Arrival): boolean {
  const { keep, restore } = sortKept(load(), arrival);
  let restored = false;
  // A page that doesn't show its form at the moment may show it the next time.
  const waiting = restore.filter(({ form, fields }) => {
    const element = document.querySelector(`form[data-kept="${CSS.escape(form)}"]`);
    if (!(element instanceof HTMLFormElement)) return true;
    for (const [control, field] of matching(fieldsOf(element), fields)) {
      control.value = field.value;
      control.checked = field.checked;
      restored = true;
    }
    return false;
  });
  store([...keep, ...waiting]);
  return restored;
}

export interface Arrival {
  path: string;
  /** Who is signed in; null for nobody. */
  who: string | null;
  isSignIn: boolean;
}

/** What to keep on, and what to put back, on the page that has come up. Pure. */
export function sortKept(
  kept: readonly KeptForm[],
  { path, who, isSignIn }: Arrival,
): { keep: KeptForm[]; restore: KeptForm[] } {
  // Sent, and led to signing in: it never arrived.
  if (isSignIn) return { keep: kept.map((form) => ({ ...form, sent: false })), restore: [] };
  const waiting = kept.filter((form) => !form.sent && (who === null || form.who === who));
  const isHere = (form: KeptForm) => who !== null && form.path === path;
  return {
    keep: waiting.filter((form) => !isHere(form)),
    restore: waiting.filter(isHere),
  };
}

interface Control extends KeptField {
  type: string;
}

function fieldsOf(form: HTMLFormElement): Control[] {
  // All that a form can hold have a name and a type, and those that pass have a value too.
  const elements = [...form.elements] as (Element & Control)[];
  return elements.filter(({ name, type }) => name && !NOT_KEPT.test(type));
}

/** Each control with what was typed into it: the same place in the form, by the same name. */
function matching(controls: Control[], fields: KeptField[]): [Control, KeptField][] {
  return controls.flatMap((control, index) => {
    const field = fields[index];
    return field?.name === control.name ? [[control, field] as [Control, KeptField]] : [];
  });
}

function keep(form: HTMLFormElement, what: Omit<KeptForm, "form" | "fields">): void {
  const name = form.dataset.kept;
  if (!name) return;
  const fields = fieldsOf(form).map(({ name, value, checked }) => ({ name, value, checked }));
  const others = load().filter((kept) => kept.form !== name || kept.path !== what.path);
  store([...others, { ...what, form: name, fields }]);
}

function load(): KeptForm[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isKeptForm) : [];
  } catch {
    return [];
  }
}

function isKeptForm(value: Partial<KeptForm> | null): value is KeptForm {
  return typeof value?.form === "string" && Array.isArray(value.fields);
}

/** Where storage is full or forbidden nothing is kept; the form works as ever. */
function store(kept: KeptForm[]): void {
  try {
    if (kept.length > 0) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch {}
}
