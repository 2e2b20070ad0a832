import { later } from '../elements/later';
import { hover, NOTHING, toggle, type Focus, type Side, type Spot } from '../model/focus';
import { carryPins } from '../model/pins';
import type { Piece, Section } from '../model/sections';

/** Moving from unit to unit crosses gaps; the shading shall not flicker on the way. */
const LEAVE_MS = 80;

const SIDES: readonly Side[] = ['prompt', 'response'];

/** What is pointed at and what is pinned, in both texts. */
export class Pointing {
  readonly #onHover: () => void;
  readonly #onPins: () => void;
  readonly #leaving = later(LEAVE_MS);
  #focus: Focus = NOTHING;
  /** What stands in the panes. */
  #pieces: Piece[][] = [];

  constructor(onHover: () => void, onPins: () => void) {
    this.#onHover = onHover;
    this.#onPins = onPins;
  }

  get focus(): Focus {
    return this.#focus;
  }

  get pinned(): boolean {
    return this.#focus.prompt.length + this.#focus.response.length > 0;
  }

  point(spot: Spot | null): void {
    if (spot) {
      this.#leaving.cancel();
      this.#hover(spot);
    } else if (this.#focus.hover) {
      this.#leaving.run(() => this.#hover(null));
    }
  }

  toggle(spot: Spot): void {
    this.#focus = toggle(this.#focus, spot);
    this.#onPins();
  }

  letGo(): void {
    this.#focus = NOTHING;
    this.#onPins();
  }

  /** A pin stays on its text, also where that is cut otherwise now. */
  keep(...sections: readonly [prompt: Section[], response: Section[]]): void {
    const now = sections.map((each) => each.flatMap(({ pieces }) => pieces));
    const [prompt, response] = SIDES.map((side, at) =>
      carryPins(this.#focus[side], this.#pieces[at] ?? [], now[at] ?? []),
    );
    this.#pieces = now;
    this.#focus = { hover: null, prompt: prompt ?? [], response: response ?? [] };
  }

  destroy(): void {
    this.#leaving.cancel();
  }

  #hover(spot: Spot | null): void {
    const before = this.#focus.hover;
    if (before?.side === spot?.side && before?.index === spot?.index) return;
    this.#focus = hover(this.#focus, spot);
    this.#onHover();
  }
}
