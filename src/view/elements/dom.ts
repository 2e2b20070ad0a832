type Attribute = string | number | boolean | null;
type Child = Node | string;

/** Make an element. Text always goes in as text, so nothing that a model wrote becomes markup. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Attribute> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (value !== null && value !== false) element.setAttribute(name, String(value));
  }
  if (FOCUSABLE.has(tag) || 'tabindex' in attributes) {
    // JupyterLab would move between cells and delete them on keys that are meant for us. It looks
    // at the focused element itself, so that marking the view as a whole is not enough.
    element.setAttribute('data-lm-suppress-shortcuts', 'true');
  }
  element.append(...children);
  return element;
}

const FOCUSABLE: ReadonlySet<string> = new Set([
  'button',
  'input',
  'select',
  'summary',
  'textarea',
]);

/** Text of unknown direction in the middle of our own: it must not turn what stands around it. */
export function foreign(text: string): HTMLElement {
  return h('bdi', {}, text);
}

export function button(
  text: string,
  onClick: () => void,
  title: string | null = null,
): HTMLButtonElement {
  const element = h('button', { type: 'button', class: 'jxai-button', title }, text);
  element.addEventListener('click', onClick);
  return element;
}

/** Change text only where it differs, so that screen readers and layout are left alone. */
export function setText(element: HTMLElement, text: string): void {
  const { firstChild, lastChild } = element;
  if (firstChild instanceof Text && firstChild === lastChild && text !== '') {
    // Another node would be laid out from the start.
    if (firstChild.data !== text) firstChild.data = text;
  } else if (element.textContent !== text) {
    element.textContent = text;
  }
}
