import type { Spot } from '../model/focus';
import type { Place } from '../model/spans';
import { Picking } from './picking';
import { onDragged, onHeld, selectedEnds, touches, type Drawn } from './selection';

export interface PaneEvents {
  point(spot: Spot | null): void;
  toggle(spot: Spot): void;
  /** A piece of the text was picked out, by dragging or from one unit to another. */
  pick?(from: Place, to: Place): void;
  /** The piece that is explained was clicked. */
  release?(): void;
}

/** The text in which a person points, clicks and types. */
export interface Ground {
  readonly body: HTMLElement;
  spotOf(target: EventTarget | null): Spot | null;
  /** Which unit a key leads to. */
  next(from: number, key: string): number | null;
  focus(index: number): void;
  /** The keyboard's place in the text is here now. */
  enter(index: number): void;
  texts(): Iterable<Drawn>;
  lengthOf(index: number): number;
  /** Show that a unit is being picked out, or is not any more. */
  showPicked(index: number, picked: boolean): void;
}

/** What is done in a text with mouse, finger and keys, as what it asks for. */
export class Gestures {
  readonly #ground: Ground;
  readonly #events: PaneEvents;
  readonly #picking: Picking;

  constructor(ground: Ground, events: PaneEvents) {
    this.#ground = ground;
    this.#events = events;
    this.#picking = new Picking((index, picked) => ground.showPicked(index, picked));
    this.#listen();
  }

  /** Another text stands here. */
  begin(): void {
    this.#picking.drop();
    this.#picking.from = null;
  }

  picks(index: number): boolean {
    return this.#picking.has(index);
  }

  #listen(): void {
    const { body } = this.#ground;
    body.addEventListener('pointerover', (event) =>
      this.#events.point(this.#ground.spotOf(event.target)),
    );
    body.addEventListener('pointerleave', () => this.#events.point(null));
    body.addEventListener('focusin', (event) => {
      const spot = this.#ground.spotOf(event.target);
      if (!spot) return;
      this.#ground.enter(spot.index);
      // A click focuses too, but there the pointer decides what is being looked at.
      if ((event.target as HTMLElement).matches(':focus-visible')) this.#events.point(spot);
    });
    body.addEventListener('focusout', () => this.#events.point(null));
    body.addEventListener('click', (event) => this.#onClick(event));
    body.addEventListener('mousedown', (event) => {
      // The browser would select from where the last click was.
      if (event.shiftKey && this.#events.pick) event.preventDefault();
    });
    body.addEventListener('keydown', (event) => this.#onKey(event));
    if (!this.#events.pick) return;
    onDragged(body, () => {
      const ends = selectedEnds(this.#ground.texts());
      if (ends) this.#events.pick?.(...ends);
    });
    onHeld(body, {
      rests: (target) => {
        const spot = this.#ground.spotOf(target);
        if (spot) this.#picking.begin(spot.index);
        return spot !== null;
      },
      reaches: (target) => {
        const spot = this.#ground.spotOf(target);
        if (spot) this.#picking.reach(spot.index);
      },
      // A finger that stayed waits for the tap that says how far.
      lifts: () => {
        const { from, to } = this.#picking;
        if (to !== null && to !== from) this.#pick(to);
      },
    });
  }

  #onClick(event: MouseEvent): void {
    const spot = this.#ground.spotOf(event.target);
    if (!spot) return;
    if (event.shiftKey || (touches(event) && this.#picking.active)) {
      this.#pick(spot.index);
      // Whoever drags over the text wants to copy it.
    } else if (document.getSelection()?.isCollapsed ?? true) {
      const target = event.target as Element;
      if (this.#events.release && target.closest('.jxai-target')) this.#events.release();
      else this.#toggle(spot);
    }
  }

  #onKey(event: KeyboardEvent): void {
    const spot = this.#ground.spotOf(event.target);
    if (!spot || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      if (event.shiftKey || this.#picking.active) this.#pick(spot.index);
      else this.#toggle(spot);
    } else if (event.key === 'Escape' && this.#picking.active) {
      this.#picking.drop();
    } else {
      const next = this.#ground.next(spot.index, event.key);
      if (next === null) return;
      if (event.shiftKey && this.#events.pick) {
        if (!this.#picking.active) this.#picking.begin(spot.index);
        this.#picking.reach(next);
      } else {
        this.#picking.drop();
      }
      this.#ground.focus(next);
    }
    event.preventDefault();
    // The notebook around us moves between cells on the same keys.
    event.stopPropagation();
  }

  #toggle(spot: Spot): void {
    this.#picking.from = spot.index;
    this.#events.toggle(spot);
  }

  /** From the unit that was clicked last to this one. */
  #pick(index: number): void {
    const [from, to] = this.#picking.ends(index);
    this.#picking.drop();
    this.#picking.from = from;
    // Escape is to be heard here.
    this.#ground.focus(index);
    this.#events.pick?.(
      { index: from, offset: 0 },
      { index: to, offset: this.#ground.lengthOf(to) },
    );
  }
}
