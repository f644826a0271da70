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

/** With the number of what is kept under it; nothing else writes there. */
const KEY = "latchkey-forms-1";
/** Never kept: what is secret, and what nobody types. */
const NOT_KEPT = /^(password|hidden|file|submit|button|reset|fieldset|output)$/;
/** Who presses again within this has pressed once. */
const DOUBLE_PRESS_MS = 1000;

/** The forms that were kept before anybody knew whether they would go. */
const held = new WeakSet<Element>();

/** Keeps every such form of the page, before the page is left for signing in or made anew after it. */
export function keepForms(path: string, who: string): void {
  for (const form of document.forms) {
    keep(form, { path, who, sent: false });
    held.add(form);
  }
}

/** Keeps such a form when it is sent, until it is known where that led; a double press sends it once. */
export function keepSentForms(path: string, who: string): () => void {
  const restsUntil = new WeakMap<Element, number>();
  const onSubmit = (event: Event) => {
    const { timeStamp } = event;
    // Nothing but a form is submitted.
    const form = event.target as HTMLFormElement;
    if (!form.dataset.kept) return;
    if (timeStamp < (restsUntil.get(form) ?? 0)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    restsUntil.set(form, timeStamp + DOUBLE_PRESS_MS);
    keep(form, { path, who, sent: true });
  };
  document.addEventListener("submit", onSubmit, true);
  return () => document.removeEventListener("submit", onSubmit, true);
}

/**
 * Settles what is kept when a page has come up.
 *
 * @returns whether a form of this page got back what it hadn't.
 */
export function settleForms(arrival: Arrival): boolean {
  const { keep, restore } = sortKept(load(), arrival);
  let restored = false;
  // A page that doesn't show its form at the moment may show it the next time.
  const waiting = restore.filter(({ form, fields }) => {
    const element = [...document.forms].find(({ dataset }) => dataset.kept === form);
    if (!element) return true;
    // It never went, and what was typed meanwhile is newer.
    if (held.has(element)) return false;
    for (const [index, control] of fieldsOf(element).entries()) {
      const field = fields[index];
      if (field?.name !== control.name) continue;
      restored ||= control.value !== field.value || control.checked !== field.checked;
      control.value = field.value;
      control.checked = field.checked;
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

function keep(form: HTMLFormElement, what: Omit<KeptForm, "form" | "fields">): void {
  const name = form.dataset.kept;
  if (!name) return;
  const fields = fieldsOf(form).map(({ name, value, checked }) => ({ name, value, checked }));
  const others = load().filter((kept) => kept.form !== name || kept.path !== what.path);
  store([...others, { ...what, form: name, fields }]);
}

function load(): KeptForm[] {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return [];
  }
}

/** Where storage is full or forbidden nothing is kept; the form works as ever. */
function store(kept: KeptForm[]): void {
  try {
    if (kept.length > 0) sessionStorage.setItem(KEY, JSON.stringify(kept));
    else sessionStorage.removeItem(KEY);
  } catch {}
}
