import type { AnyModel } from '@anywidget/types';
import type { State } from './state';

/** The output as it is now, for whoever saves it. */
export interface Kept {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Marks elements in which a view stands whose host listens to `KEPT`. */
export const KEEPER = '[data-jxai-renderer=live]';

/** The event, on a view's element, that carries a `Kept`. */
export const KEPT = 'jxai-kept';

/** Sliders ask many times in a row. */
const WAIT = 500;

/**
 * Has the kernel tell what a notebook should save, once what was asked is answered. Only where the
 * host takes it without drawing the output anew: elsewhere the reader would lose their place.
 */
export class Keeping {
  readonly #model: AnyModel<State>;
  readonly #el: HTMLElement;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(model: AnyModel<State>, el: HTMLElement) {
    this.#model = model;
    this.#el = el;
    model.on('msg:custom', this.#onMessage);
  }

  /** Something was answered, maybe before this page was loaded. */
  answered(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), WAIT);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#model.off('msg:custom', this.#onMessage);
  }

  #ask(): void {
    const [result, progress, whatIf] = [
      this.#model.get('result'),
      this.#model.get('progress'),
      this.#model.get('what_if'),
    ];
    // The cell's own run is saved by the cell; of a run that goes on, the end will come here again.
    const asked = Math.max(result?.request ?? 0, whatIf?.request ?? 0) > 0;
    if (!asked || progress?.state === 'running') return;
    if (this.#el.closest(KEEPER)) this.#model.send({ kind: 'bundle' });
  }

  readonly #onMessage = (message: { kind?: string } & Kept): void => {
    if (message.kind !== 'bundle') return;
    const { data, metadata } = message;
    const detail: Kept = { data, metadata };
    this.#el.dispatchEvent(new CustomEvent(KEPT, { bubbles: true, detail }));
  };
}
