import type { Explanation } from '../../protocol/explanation';
import { Choice } from '../elements/choice';
import { h } from '../elements/dom';
import { later, SETTLE_MS } from '../elements/later';
import { Slider } from '../elements/slider';
import type { Choices, Host, Option, Settings } from '../host';
import { stepsOfK, stepsOfPerturbations } from '../model/steps';
import { NO_KERNEL, whyNot } from '../wording/availability';
import { count, integer } from '../wording/format';
import { methodTitle, valueName } from '../wording/sentences';
import { levelOfChoice, promptLevelOptions, summedChoice, SUMMED_TITLE } from './prompt-level';

/** What was asked of the model, and how to ask for something else. */
export class Header {
  readonly element: HTMLElement;
  readonly #host: Host | null;
  readonly #method: Choice;
  readonly #units: Choice;
  readonly #value: Choice;
  readonly #k: Slider;
  readonly #perturbations: Slider;
  readonly #settled = later(SETTLE_MS);
  /** Choices of units that need no model. */
  #free: ReadonlySet<string> = new Set();

  constructor(
    host: Host | null,
    onK: (k: number) => void,
    onLevel: (level: string) => void,
    explain: (settings: Settings) => void,
  ) {
    this.#host = host;
    this.#method = new Choice('method', (method) => explain({ method }));
    this.#units = new Choice('units', (units) => {
      if (this.#free.has(units)) onLevel(levelOfChoice(units));
      else explain({ units });
    });
    this.#value = new Choice('value', (value) => explain({ value }));
    this.#k = new Slider('k', onK);
    this.#perturbations = new Slider('perturbations', (perturbations) =>
      this.#settled.run(() => explain({ perturbations })),
    );
    this.element = h(
      'div',
      { class: 'jxai-header' },
      this.#method.element,
      this.#units.element,
      this.#value.element,
      this.#k.element,
      this.#perturbations.element,
    );
  }

  /** Shows what was asked; n prompt units were computed, and larger ones may be shown. */
  update(explanation: Explanation, k: number, n: number, level: string): void {
    const { method, prompt, value } = explanation;
    const choices = this.#host?.choices ?? null;
    this.#method.set(methodOptions(choices, method.name), method.name);
    const units = promptLevelOptions(explanation, choices?.levels ?? null);
    this.#free = new Set(units.filter(({ free }) => free).map((option) => option.value));
    this.#units.set(units, level === prompt.level ? level : summedChoice(level));
    this.#units.element.title = level === prompt.level ? '' : SUMMED_TITLE;
    this.#value.set(options(choices?.values, value, valueName), value);
    this.#k.set({
      steps: stepsOfK(n),
      value: k,
      text: (step) => integer(step),
      why: n > 1 ? '' : 'There is only one part to choose.',
    });
    // While a move is settling, the slider belongs to the hand that moves it.
    if (!this.#settled.waiting) this.#setPerturbations(explanation, n, choices);
  }

  destroy(): void {
    this.#settled.cancel();
  }

  #setPerturbations(
    { method, perturbations }: Explanation,
    n: number,
    choices: Choices | null,
  ): void {
    const { asked, used, most } = perturbations;
    // Gradients, attention and the like perturb nothing.
    this.#perturbations.element.hidden = most === null && used === 0;
    if (asked === null || most === null) {
      const masks = count(used, 'perturbation');
      this.#perturbations.set({
        steps: [used],
        value: used,
        text: () => `${integer(used)}, fixed`,
        why: `${methodTitle(method.name)} needs exactly ${masks} for ${count(n, 'part')}.`,
      });
      return;
    }
    this.#perturbations.set({
      steps: stepsOfPerturbations(most, asked),
      value: Math.min(asked, most),
      text: (step) => (step === most ? `${integer(step)}, all` : integer(step)),
      why: this.#host ? whyNot(choices, method.name) : NO_KERNEL,
    });
  }
}

function methodOptions(choices: Choices | null, current: string): Option[] {
  const known = (choices?.methods ?? []).map(({ name, title, available, why }) => ({
    value: name,
    text: title || methodTitle(name),
    why: available ? '' : why || 'not available',
  }));
  return withCurrent(known, current, methodTitle);
}

function options(
  values: readonly string[] | undefined,
  current: string,
  name: (value: string) => string,
): Option[] {
  const known = (values ?? []).map((value) => ({ value, text: name(value), why: '' }));
  return withCurrent(known, current, name);
}

/** What is shown can always be read, also when it cannot be asked for again. */
function withCurrent(known: Option[], current: string, name: (value: string) => string): Option[] {
  if (known.some(({ value }) => value === current)) return known;
  return [...known, { value: current, text: name(current), why: '' }];
}
