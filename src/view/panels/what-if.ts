import { button, foreign, h, setText } from '../elements/dom';
import { Inquiry } from '../elements/inquiry';
import { step } from '../elements/keyboard';
import type { Host, Progress, Change, WhatIf } from '../host';
import { likelihood } from '../model/curves';
import type { Drawing } from '../model/drawing';
import { order } from '../model/rank';
import { NO_KERNEL, whyNot } from '../wording/availability';
import { excerpt, integer, number, signed } from '../wording/format';
import { levelName } from '../wording/levels';
import { costLine } from '../wording/sentences';
import { readableChanges } from './changes';
import type { Panel } from './tabs';

/** More switches than this are no help; the strongest units have one. */
const MOST_SWITCHES = 200;

/** What the panel is about. */
export interface WhatIfSubject {
  readonly drawing: Drawing;
  /** The units that are outlined. */
  readonly top: ReadonlySet<number>;
}

/** Another prompt: what the model would answer, beside what it answered. */
export class WhatIfPanel implements Panel {
  readonly name = 'What if';
  readonly element = h('div', { tabindex: 0 });
  readonly #host: Host | null;
  readonly #asked: () => WhatIfSubject | null;
  readonly #onRemoved: (rows: readonly number[]) => void;
  readonly #why = h('p', { class: 'jxai-panel-title' });
  readonly #switches = h('div', { class: 'jxai-switches', role: 'group' });
  readonly #remark = h('span', { class: 'jxai-size' });
  readonly #top: HTMLButtonElement;
  readonly #restore: HTMLButtonElement;
  readonly #askWithout: HTMLButtonElement;
  readonly #edit = h('textarea', { class: 'jxai-input jxai-edit', rows: 3, dir: 'auto' });
  readonly #askEdited: HTMLButtonElement;
  readonly #inquiry: Inquiry;
  readonly #answer = h('div', { class: 'jxai-what-if-answer' });
  readonly #off = new Set<number>();
  #texts = '';
  #original: string | null = null;
  #shown: WhatIf | null = null;

  constructor(
    host: Host | null,
    asked: () => WhatIfSubject | null,
    onRemoved: (rows: readonly number[]) => void,
  ) {
    this.#host = host;
    this.#asked = asked;
    this.#onRemoved = onRemoved;
    this.#inquiry = new Inquiry(host, 'what-if');
    this.#top = button('', () => {
      this.#off.clear();
      for (const row of this.#asked()?.top ?? []) this.#off.add(row);
      this.draw();
    });
    this.#restore = button('Switch all on', () => {
      this.#off.clear();
      this.draw();
      this.#top.focus();
    });
    this.#askWithout = button('', () => this.#ask({ removed: this.#rows() }));
    this.#askEdited = button('Ask the edited text', () => this.#ask({ text: this.#edit.value }));
    for (const each of [this.#askWithout, this.#askEdited]) each.classList.add('jxai-ask');
    this.#edit.setAttribute('aria-label', 'Edited text');
    this.#edit.addEventListener('input', () => this.#drawControls());
    this.#edit.addEventListener('keydown', (event) => {
      // Enter is a line of the text; a modifier makes it the question.
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      event.stopPropagation();
      if (!this.#askEdited.disabled) this.#askEdited.click();
    });
    this.#switches.addEventListener('keydown', (event) => this.#onKey(event));
    const parts = h('div', { class: 'jxai-aside-line' });
    parts.append(this.#top, this.#restore, this.#askWithout, this.#remark);
    this.element.append(
      this.#why,
      h('p', { class: 'jxai-panel-title' }, 'Switch parts of the prompt off:'),
      this.#switches,
      parts,
      h('p', { class: 'jxai-panel-title' }, 'Or ask something else:'),
      this.#edit,
      h('div', { class: 'jxai-aside-line' }, this.#askEdited),
      this.#inquiry.element,
      this.#answer,
    );
    this.#answer.hidden = true;
  }

  draw(): void {
    const asked = this.#asked();
    if (!asked) return;
    const { drawing } = asked;
    const { prompt, method } = drawing.explanation;
    const texts = JSON.stringify(prompt.units);
    if (texts !== this.#texts) {
      // What was told of parts that are none any more would be misread.
      if (this.#texts && this.#shown?.removed) this.#answer.hidden = true;
      this.#texts = texts;
      this.#off.clear();
      this.#build(drawing);
    }
    const why = this.#host ? whyNot(this.#host.choices, method.name) : NO_KERNEL;
    setText(this.#why, why && `It needs the model to answer another prompt. ${why}`);
    this.#why.hidden = why === '';
    const text = this.#host?.choices.text ?? '';
    if (text !== this.#original) {
      this.#original = text;
      this.#edit.value = text;
    }
    this.#edit.disabled = why !== '';
    this.#drawControls();
    // Paper shows every tab, but only the open one speaks of the text above.
    if (!this.element.hidden) this.#onRemoved(this.#rows());
  }

  /** Something else was chosen for k, which the button follows. */
  follow(): void {
    this.#drawControls();
  }

  progress(progress: Progress): void {
    this.#inquiry.progress(progress);
    this.#drawControls();
  }

  leave(): void {
    this.#onRemoved([]);
  }

  answered(found: WhatIf): void {
    this.#shown = found;
    this.#inquiry.end();
    if (this.#host) this.#drawControls();
    else this.#recall(found);
    this.#answer.hidden = false;
    this.#answer.replaceChildren(
      h('p', { class: 'jxai-verdict', role: 'status' }, this.#verdict(found)),
      ...(found.response === null ? [] : [answers(found)]),
      ...likelihoods(found),
      ...found.notes.map((note) => h('p', { class: 'jxai-panel-title' }, note)),
      h('p', { class: 'jxai-panel-title' }, costLine(found.cost)),
    );
  }

  /** A saved answer stands beside what was asked. */
  #recall({ removed, text }: WhatIf): void {
    this.draw();
    for (const row of removed ?? []) this.#off.add(row);
    if (text !== null) this.#edit.value = text;
    this.draw();
  }

  #ask(change: Change): void {
    this.#host?.whatIf(change);
    this.#inquiry.begin();
    this.#drawControls();
  }

  #rows(): number[] {
    return [...this.#off].sort((a, b) => a - b);
  }

  #verdict({ removed, before, response }: WhatIf): string {
    const level = levelName(this.#asked()?.drawing.explanation.prompt.level ?? '');
    const how = removed
      ? `Without ${integer(removed.length)} ${removed.length === 1 ? level.replace(/s$/, '') : level}`
      : 'With the edited text';
    if (response === null) return `${how}:`;
    return `${how} ${response === before ? 'the answer stays the same.' : 'the answer changes.'}`;
  }

  #build(drawing: Drawing): void {
    const { table } = drawing;
    const rows = order([...table.total.values].map((score) => Math.abs(score ?? 0)))
      .slice(0, MOST_SWITCHES)
      .sort((a, b) => a - b);
    const switches = rows.map((row, place) => {
      const element = button('', () => this.#toggle(row), excerpt(drawing.promptText(row), 200));
      element.append(foreign(excerpt(drawing.promptText(row), 48)));
      element.classList.add('jxai-switch');
      element.setAttribute('role', 'switch');
      element.dataset.jxaiRow = String(row);
      element.tabIndex = place === 0 ? 0 : -1;
      return element;
    });
    this.#switches.setAttribute('aria-label', 'Parts of the prompt');
    this.#switches.replaceChildren(...switches);
    const all = table.rows;
    setText(
      this.#remark,
      rows.length < all ? `the strongest ${integer(rows.length)} of ${integer(all)}` : '',
    );
  }

  #toggle(row: number): void {
    if (!this.#off.delete(row)) this.#off.add(row);
    this.draw();
  }

  #onKey(event: KeyboardEvent): void {
    const all = [...this.#switches.children] as HTMLElement[];
    const from = all.indexOf(event.target as HTMLElement);
    const to = from < 0 ? null : step(all, from, event.key);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    for (const [place, element] of all.entries()) element.tabIndex = place === to ? 0 : -1;
    all[to]?.focus();
  }

  #drawControls(): void {
    const asked = this.#asked();
    if (!asked) return;
    const { drawing, top } = asked;
    const { level } = drawing.explanation.prompt;
    const why = !this.#host || whyNot(this.#host.choices, drawing.explanation.method.name) !== '';
    for (const element of this.#switches.children as Iterable<HTMLButtonElement>) {
      element.disabled = why;
      element.setAttribute(
        'aria-checked',
        String(!this.#off.has(Number(element.dataset.jxaiRow ?? -1))),
      );
    }
    const off = this.#off.size;
    setText(this.#top, `Remove top ${integer(top.size)}`);
    this.#top.disabled = why || top.size === 0;
    this.#restore.disabled = off === 0;
    setText(this.#askWithout, off === 0 ? 'Ask without them' : `Ask without ${integer(off)}`);
    // The kernel refuses it too; here it says so before it is asked.
    const everything = off > 0 && off === drawing.table.rows;
    this.#askWithout.disabled = why || off === 0 || everything;
    this.#askWithout.title = everything
      ? `All ${levelName(level)} are switched off: nothing is left to answer.`
      : '';
    const text = this.#edit.value;
    this.#askEdited.disabled = why || text.trim() === '' || text === this.#original;
    this.#askEdited.title = text.trim() === '' ? 'There is no text to ask.' : '';
  }
}

/** Both answers side by side; what is only in one of them is marked. */
function answers(found: WhatIf): HTMLElement {
  const changes = readableChanges(found.changes);
  const side = (title: string, own: 'removed' | 'added', tag: 'del' | 'ins'): HTMLElement => {
    const pieces = changes
      .filter(({ kind }) => kind === 'same' || kind === own)
      .flatMap(({ kind, text }) => (kind === own ? marked(tag, text) : [text]));
    return h(
      'section',
      { 'aria-label': title },
      h('div', { class: 'jxai-title' }, title),
      h('div', { class: 'jxai-what-if-text', dir: 'auto', tabindex: 0 }, ...pieces),
    );
  };
  return h(
    'div',
    { class: 'jxai-what-if-sides' },
    side('Before', 'removed', 'del'),
    side('Now', 'added', 'ins'),
  );
}

/** The mark begins where the word does: a struck space looks like a dash. */
function marked(tag: 'del' | 'ins', text: string): (Node | string)[] {
  const word = text.trimStart() || text;
  return [text.slice(0, text.length - word.length), h(tag, {}, word)];
}

function likelihoods({ logprob_before, logprob, logprob_response }: WhatIf): HTMLElement[] {
  const lines: string[] = [];
  if (logprob !== null && logprob_before !== null) {
    const change = logprob - logprob_before;
    lines.push(
      `The old answer: log p ${number(logprob)}, before ${number(logprob_before)} (${signed(change)} nats: ${likelihood(change)} as likely as before).`,
    );
  }
  if (logprob_response !== null) lines.push(`The new answer: log p ${number(logprob_response)}.`);
  return lines.map((line) => h('p', {}, line));
}
