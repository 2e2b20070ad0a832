import type { Explanation } from '../../protocol/explanation';
import { promptOriginOf } from './coarsen';
import { Drawing, type Settled } from './drawing';
import type { Focus } from './focus';
import { originOf } from './grouping';

/** What is drawn, and what the person chose for it; until then the explanation's own holds. */
export class ViewState {
  ownScale = false;
  /** How many times smaller scores get full colour. */
  intensity = 1;
  /** The k that the person chose. */
  chosenK: number | null = null;
  #drawing: Drawing | null = null;
  #level: string | null = null;
  #promptLevel: string | null = null;

  get drawing(): Drawing | null {
    return this.#drawing;
  }

  /** The k on the screen: no more than there are units. */
  get k(): number {
    const k = this.chosenK ?? this.#drawing?.explanation.k ?? 1;
    return Math.max(1, Math.min(k, this.#drawing?.computed.table.rows ?? k));
  }

  /** Levels that were chosen stay, as long as they can be summed. */
  show(explanation: Explanation | null): Drawing | null {
    if (!explanation) {
      this.#drawing = null;
      return null;
    }
    const level = this.#level ?? explanation.response.level;
    if (originOf(explanation, level) !== 'summed') this.#level = null;
    const promptLevel = this.#promptLevel ?? explanation.prompt.level;
    if (promptOriginOf(explanation, promptLevel) !== 'summed') this.#promptLevel = null;
    this.#drawing = new Drawing(explanation, level, this.#promptLevel ?? undefined);
    return this.#drawing;
  }

  choosePromptLevel(level: string): void {
    this.#promptLevel = level;
  }

  /** False where the response can be cut so by the model only. */
  chooseLevel(level: string): boolean {
    const asked = this.#drawing && originOf(this.#drawing.explanation, level) === 'asked';
    this.#level = asked ? null : level;
    return !asked;
  }

  settled(focus: Focus): Settled {
    return { focus, k: this.k, ownScale: this.ownScale, intensity: this.intensity };
  }
}
