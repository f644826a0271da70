/**
 * Forms that survive an end of the session and a lost network: `<form data-kept="name">`, with fields
 * that React doesn’t control. What was typed waits in this tab’s session storage, and is then put back
 * for the person to send; nothing is sent by itself. A form that must not be done twice carries a key of
 * its own in a text field with the attribute `hidden`, which is kept with what was typed.
 */
export interface KeptForm {
  /** The page, and the form on it. */
  path: string;
  form: string;
  /** Whose it is, by the id of `/api/session`: nobody else is shown it. */
  who: string;
  fate: Fate;
  fields: KeptField[];
}

/**
 * - `unsent`: it never left, or met an ended session.
 * - `sent`: on its way, and so maybe no longer needed.
 * - `lost`: it left, and no answer came back.
 */
export type Fate = "unsent" | "sent" | "lost";

interface KeptField {
  name: string;
  value: string;
  checked: boolean;
}

/** With the number of what is kept under it; nothing else writes there. */
const KEY = "latchkey-forms-2";
/** Never kept: what is secret, what can’t be put back, and what nobody types (`reset`, `fieldset` and such). */
const NOT_KEPT = /password|hidden|file|submit|button|set|output/;
/** Who presses again within this has pressed once. */
const DOUBLE_PRESS_MS = 1000;

/** The forms of this document whose fields are kept, and until when each rests after a press. */
const held = new WeakMap<Element, number>();

/** Keeps every such form of the page, before the page is left for signing in or made anew after it. */
export function keepForms(path: string, who: string): void {
  for (const form of document.forms) keep(form, { path, who, fate: "unsent" });
}

/** Keeps such a form when it is sent, until it is known where that led; a double press sends it once. */
export function keepSentForms(path: string, who: string): () => void {
  const onSubmit = (event: Event) => {
    const { timeStamp } = event;
    // Nothing but a form is submitted.
    const form = event.target as HTMLFormElement;
    if (timeStamp < (held.get(form) ?? 0)) {
      event.preventDefault();
      event.stopPropagation();
    } else {
      keep(form, { path, who, fate: "sent" }, timeStamp + DOUBLE_PRESS_MS);
    }
  };
  document.addEventListener("submit", onSubmit, true);
  return () => document.removeEventListener("submit", onSubmit, true);
}

/** Tells what became of the forms that were sent, where that is not what the person wanted. */
export function recallForms(fate: Exclude<Fate, "sent">): void {
  store(load().map((form) => (form.fate === "sent" ? { ...form, fate } : form)));
}

/**
 * Settles what is kept when a page has come up.
 *
 * @returns what became of a form of this page that got back what it hadn’t; undefined where none did.
 */
export function settleForms(arrival: Arrival): Fate | undefined {
  const { keep, restore } = sortKept(load(), arrival);
  let restored: Fate | undefined;
  // A page that doesn’t show its form at the moment may show it the next time.
  const waiting = restore.filter(({ form, fate, fields }) => {
    const element = [...document.forms].find(({ dataset }) => dataset.kept === form);
    if (!element) return true;
    // What is typed on there is newer.
    if (held.has(element)) return false;
    fieldsOf(element).forEach((control, index) => {
      const field = fields[index];
      if (field?.name !== control.name) return;
      const differs = control.value !== field.value || control.checked !== field.checked;
      if (differs && !control.hidden) restored = fate;
      control.value = field.value;
      control.checked = field.checked;
    });
    return false;
  });
  store([...keep, ...waiting]);
  return restored;
}

export interface Arrival {
  path: string;
  /** Who is signed in; null for nobody. */
  who: string | null;
}

/** What to keep on, and what to put back, on the page that has come up. Pure. */
export function sortKept(
  kept: readonly KeptForm[],
  { path, who }: Arrival,
): { keep: KeptForm[]; restore: KeptForm[] } {
  const waiting = kept.filter((form) => form.fate !== "sent" && (who === null || form.who === who));
  const isHere = (form: KeptForm) => who !== null && form.path === path;
  return { keep: waiting.filter((form) => !isHere(form)), restore: waiting.filter(isHere) };
}

interface Control extends KeptField {
  type: string;
  hidden: boolean;
}

function fieldsOf(form: HTMLFormElement): Control[] {
  // All that a form can hold have a name and a type, and those that pass have a value too.
  const elements = [...form.elements] as (Element & Control)[];
  return elements.filter(({ name, type }) => name && !NOT_KEPT.test(type));
}

function keep(
  form: HTMLFormElement,
  what: Omit<KeptForm, "form" | "fields">,
  restsUntil = 0,
): void {
  const name = form.dataset.kept;
  if (!name) return;
  held.set(form, restsUntil);
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
