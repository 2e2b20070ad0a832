import { button, h, setText } from '../elements/dom';
import type { Host, Progress } from '../host';
import { progressLine } from '../wording/sentences';

const CANCELLING = 'Cancelling…';

/** One line under the header: what the scores cost, or how far the run is. Its height is fixed. */
export class Status {
  readonly element: HTMLElement;
  readonly #track = h('div', { class: 'jxai-progress', 'aria-hidden': 'true' }, h('div'));
  readonly #line = h('span', { class: 'jxai-status-line jxai-isolated' });
  readonly #cancel: HTMLButtonElement;
  /** Screen readers hear how a run starts and ends, not every mask of it. */
  readonly #announcement = h('span', { class: 'jxai-hidden jxai-isolated', role: 'status' });
  #cost = '';
  #state: Progress['state'] = 'idle';

  constructor(host: Host | null, ...actions: HTMLElement[]) {
    this.#cancel = button('Cancel', () => {
      // It takes until the model has answered what it was asked.
      this.#cancel.disabled = true;
      setText(this.#line, CANCELLING);
      host?.cancel();
    });
    this.#cancel.classList.add('jxai-cancel');
    this.#cancel.hidden = true;
    const right = h('span', { class: 'jxai-actions' }, this.#cancel, ...actions);
    this.element = h(
      'div',
      { class: 'jxai-status' },
      this.#track,
      this.#line,
      right,
      this.#announcement,
    );
  }

  cost(text: string): void {
    this.#cost = text;
    if (this.#state === 'idle') setText(this.#line, text);
  }

  progress(progress: Progress): void {
    const running = progress.state === 'running';
    if (!running) this.#cancel.disabled = false;
    if (progress.state !== this.#state) setText(this.#announcement, announcement(progress));
    this.#state = progress.state;
    this.#cancel.hidden = !running;
    this.element.dataset.jxaiState = progress.state;
    this.#track.classList.toggle('jxai-unknown-total', running && progress.total === 0);
    const share = progress.total > 0 ? progress.done / progress.total : 0;
    this.#track.style.setProperty('--jxai-done', running ? share.toFixed(3) : '0');
    setText(this.#line, this.#text(progress));
  }

  #text(progress: Progress): string {
    if (progress.state === 'idle') return this.#cost;
    return this.#cancel.disabled ? CANCELLING : progressLine(progress);
  }
}

function announcement(progress: Progress): string {
  if (progress.state === 'running') return 'Computing';
  return progress.state === 'idle' ? 'Done' : progressLine(progress);
}
