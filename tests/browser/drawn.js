// What the view draws: landmarks, controls, units and marks with their boxes and colours, in order;
// and what is wrong with that whatever was stored.
() => {
  const ROLES = {
    A: 'link',
    BUTTON: 'button',
    SELECT: 'combobox',
    SUMMARY: 'button',
    SECTION: 'region',
    TABLE: 'table',
    TH: 'header',
    TD: 'cell',
    P: 'paragraph',
    LI: 'item',
  };
  const CONTROLS = 'button, select, input, summary, a, .jxai-unit';
  const WANTED =
    `${CONTROLS}, section, [role], table, th, td, p, li, .jxai-status-line, .jxai-question, ` +
    '.jxai-coverage, .jxai-ramp, .jxai-summary > span, .jxai-arc';

  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const flat = (layers) => {
    for (const layer of layers) {
      context.fillStyle = layer;
      context.fillRect(0, 0, 1, 1);
    }
    const parts = context.getImageData(0, 0, 1, 1).data.slice(0, 3);
    return '#' + [...parts].map((part) => part.toString(16).padStart(2, '0')).join('');
  };
  const paperUnder = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      layers.unshift(getComputedStyle(at).backgroundColor);
    }
    return [matchMedia('(prefers-color-scheme: dark)').matches ? '#000' : '#fff', ...layers];
  };

  const role = (element) =>
    element.getAttribute('role') ??
    (element.tagName === 'INPUT'
      ? ({ range: 'slider', checkbox: 'checkbox' }[element.type] ?? 'textbox')
      : (ROLES[element.tagName] ?? (element.classList[0] ?? 'part').replace('jxai-', '')));
  const name = (element) => {
    const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent;
    const text = (label ?? element.textContent).replace(/\s+/g, ' ').trim();
    return text.length > 32 ? `${text.slice(0, 32)}…` : text;
  };
  const what = (element) => `${role(element)} ${name(element)}`.trim();
  const visible = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    element.getClientRects().length > 0 &&
    !element.closest('.jxai-hidden');

  const view = document.querySelector('.first');
  const seen = [...view.querySelectorAll(WANTED)].filter(visible);
  const drawn = seen.map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const box = [x, y + scrollY, width, height].map(Math.round);
    const style = getComputedStyle(element);
    if (element.matches('.jxai-arc')) {
      return { what: what(element), box, ink: flat([...paperUnder(element), style.stroke]) };
    }
    // A unit's shade lies under its text.
    const shaded = element.querySelector(':scope > .jxai-text') ?? element;
    const layers = paperUnder(shaded);
    const paper = flat(layers);
    const ink = flat([...layers, getComputedStyle(shaded).color]);
    return { what: what(element), box, paper, ink };
  });

  const faults = [];
  const controls = seen.filter((element) => element.matches(CONTROLS));
  const inside = view.getBoundingClientRect();
  const lie = (one, other) =>
    one.left < other.right - 1 &&
    other.left < one.right - 1 &&
    one.top < other.bottom - 1 &&
    other.top < one.bottom - 1;
  // A strip that scrolls by itself brings its end into sight.
  const rolls = (element) => {
    for (let at = element.parentElement; at !== view; at = at.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(at).overflowX) && at.scrollWidth > at.clientWidth) {
        return true;
      }
    }
    return false;
  };
  const isCut = (element) => element.scrollWidth > element.clientWidth + 1;
  // Dots tell that there is more, and the pointer shows it.
  const shortens = (element) => {
    const { textOverflow, webkitLineClamp } = getComputedStyle(element);
    return (textOverflow === 'ellipsis' || webkitLineClamp !== 'none') && element.title !== '';
  };
  controls.forEach((element, index) => {
    const box = element.getBoundingClientRect();
    if ((box.left < inside.left - 1 || box.right > inside.right + 1) && !rolls(element)) {
      faults.push(`${what(element)} is outside`);
    }
    if (element.matches('button') && isCut(element) && !shortens(element)) {
      faults.push(`${what(element)} is cut off`);
    }
    for (const other of controls.slice(index + 1)) {
      if (!element.contains(other) && lie(box, other.getBoundingClientRect())) {
        faults.push(`${what(element)} lies on ${what(other)}`);
      }
    }
  });
  return { drawn, faults };
};
