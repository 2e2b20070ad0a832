import { button, setText } from '../elements/dom';
import { foldLine, FOLD_TITLE, passages, type Folding, type Passage } from '../model/fold';
import { tint } from '../model/scale';
import type { Piece, Section } from '../model/sections';
import type { Shown } from '../model/shown';

export const UNFOLDED: Folding = { quiet: [], wanted: new Set() };

interface Fold {
  readonly element: HTMLButtonElement;
  readonly indices: readonly number[];
}

/** Passages of a text that are folded away, and the buttons that stand in their place. */
export class Folds {
  readonly #onOpen: (indices: readonly number[]) => void;
  #folding = UNFOLDED;
  #level = '';
  #shown: Shown | null = null;
  #drawn: Fold[] = [];
  /** Units of passages that the person opened. */
  readonly #opened = new Set<number>();

  constructor(onOpen: (indices: readonly number[]) => void) {
    this.#onOpen = onOpen;
  }

  /** Another text: nothing of it was opened yet. */
  begin(folding: Folding, level: string): void {
    this.#folding = folding;
    this.#level = level;
    this.#shown = null;
    this.#opened.clear();
  }

  set folding(folding: Folding) {
    this.#folding = folding;
  }

  /** The text is put together anew, with other buttons. */
  clear(): void {
    this.#drawn = [];
  }

  open(indices: readonly number[]): void {
    for (const index of indices) this.#opened.add(index);
  }

  passages(section: Section): Passage[] {
    const { quiet, wanted } = this.#folding;
    const kept = (index: number): boolean => wanted.has(index) || this.#opened.has(index);
    return passages(section, quiet, kept);
  }

  /** Which units are folded away: the first of every passage, and how many. */
  away(sections: readonly Section[]): string {
    return sections
      .flatMap((section) => this.passages(section))
      .filter(({ folded }) => folded)
      .map(({ pieces }) => `${pieces[0]?.index} ${pieces.length}`)
      .join();
  }

  button(pieces: readonly Piece[]): HTMLElement {
    const indices = pieces.flatMap(({ index }) => (index === null ? [] : [index]));
    const element = button('', () => this.#onOpen(indices), FOLD_TITLE);
    element.classList.add('jxai-fold');
    const fold = { element, indices };
    this.#drawn.push(fold);
    this.#paint(fold);
    return element;
  }

  paint(shown: Shown | null): void {
    this.#shown = shown;
    for (const fold of this.#drawn) this.#paint(fold);
  }

  /** What is hidden for the whole answer may be what a part of it is shaded by. */
  #paint({ element, indices }: Fold): void {
    const shown = this.#shown;
    let strongest = 0;
    let top = 0;
    if (shown) {
      for (const index of indices) {
        strongest = Math.max(strongest, Math.abs(shown.scores.values[index] ?? 0));
        if (shown.top.has(index)) top += 1;
      }
    }
    setText(element, foldLine(indices.length, this.#level, top));
    const shade = shown ? tint(shown.scale, strongest).toFixed(2) : '0';
    element.style.setProperty('--jxai-tint', shade);
  }
}
