import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { foreign, h } from '../view/elements/dom';
import { count } from '../view/wording/format';
import { methodTitle } from '../view/wording/sentences';
import { xaiIcon } from './icon';
import type { Chapter, Entry } from './listing';
import type { Segment } from './strip';

interface Shelf {
  /** What there is to list, read when it is shown. */
  readonly chapters: () => readonly Chapter[];
  /** Go to the cell of an entry of the chapter at this place. */
  readonly open: (chapter: number, entry: Entry) => void;
}

/** Keys come faster than anybody reads a list. */
const WAIT = 250;

/** The explanations in all open notebooks. */
export class ExplanationPanel extends Widget {
  readonly #shelf: Shelf;
  #drawn = '';
  #timer = 0;

  constructor(shelf: Shelf) {
    super();
    this.#shelf = shelf;
    this.id = 'jupyter-xai-explanations';
    this.title.icon = xaiIcon;
    this.title.caption = 'Explanations';
    this.addClass('jxai-lab');
    this.addClass('jxai-shelf');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Explanations');
  }

  /** Something may have changed. */
  refresh(): void {
    if (!this.isVisible || this.#timer) return;
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      if (!this.isDisposed) this.#draw();
    }, WAIT);
  }

  override dispose(): void {
    window.clearTimeout(this.#timer);
    super.dispose();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.#draw();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.querySelector('button')?.focus();
  }

  #draw(): void {
    const chapters = this.#shelf.chapters();
    const filled = chapters.filter(({ entries }) => entries.length > 0);
    const drawn = JSON.stringify(filled);
    if (drawn === this.#drawn && this.node.hasChildNodes()) return;
    this.#drawn = drawn;
    const focused = [...this.node.querySelectorAll('button')].indexOf(
      document.activeElement as HTMLButtonElement,
    );
    const total = filled.reduce((sum, { entries }) => sum + entries.length, 0);
    this.node.replaceChildren(
      h('h2', { class: 'jxai-shelf-title' }, 'Explanations'),
      ...(total > 0
        ? [
            h('p', { class: 'jxai-shelf-count' }, count(total, 'explanation')),
            ...filled.map((chapter) => this.#chapter(chapter, chapters.indexOf(chapter))),
          ]
        : [empty()]),
    );
    if (focused >= 0) this.node.querySelectorAll('button')[focused]?.focus();
  }

  #chapter(chapter: Chapter, place: number): HTMLElement {
    const items = chapter.entries.map((entry) => {
      const button = card(entry);
      button.addEventListener('click', () => this.#shelf.open(place, entry));
      return h('li', {}, button);
    });
    return h(
      'section',
      {},
      h('h3', { class: 'jxai-shelf-notebook', title: chapter.path }, foreign(chapter.title)),
      h('ul', { class: 'jxai-shelf-list' }, ...items),
    );
  }
}

function card(entry: Entry): HTMLButtonElement {
  return h(
    'button',
    { type: 'button', class: 'jxai-card' },
    strip(entry.strip),
    h('span', { class: 'jxai-card-what' }, methodTitle(entry.method), ' · ', foreign(entry.model)),
    h('span', { class: 'jxai-card-response' }, foreign(entry.response)),
  );
}

function strip(segments: readonly Segment[]): HTMLElement {
  const pieces = segments.map(({ size, shade }) => {
    const piece = h('span', { class: shade < 0 ? 'jxai-opposes' : null });
    piece.style.flexGrow = String(size);
    piece.style.setProperty('--jxai-tint', Math.abs(shade).toFixed(2));
    return piece;
  });
  return h('span', { class: 'jxai-strip', 'aria-hidden': 'true' }, ...pieces);
}

function empty(): HTMLElement {
  return h(
    'div',
    { class: 'jxai-shelf-empty' },
    h('p', {}, 'No open notebook holds an explanation yet.'),
    h(
      'p',
      {},
      'Select a text in a cell, open its context menu and choose “Explain with XAI”; or write',
    ),
    h('pre', {}, '%load_ext jupyter_xai'),
    h('p', {}, 'and, in a cell of its own,'),
    h('pre', {}, '%%xai explain\nI want to rest. No cities, though.'),
  );
}
