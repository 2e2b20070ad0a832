import type { Explanation } from '../../protocol/explanation';
import { count, excerpt, number, signed } from '../wording/format';
import { levelName } from '../wording/levels';
import {
  coverageLine,
  NOT_EVALUATED,
  questionLine,
  readingLine,
  scoreNoise,
  unitLabel,
} from '../wording/sentences';
import { coarsen } from './coarsen';
import { asked, hover, type Focus, type Side, type Spot } from './focus';
import { quietUnits, type Folding } from './fold';
import { coverage, isScored } from './rank';
import { axisFor, isNoise, type Axis, type Scale } from './scale';
import { ScoreTable } from './score-table';
import { Shown, type Frame } from './shown';

/** Everything that the person can turn in the view, without asking the model. */
export interface Settled {
  readonly focus: Focus;
  readonly k: number;
  /** One scale for every question, so that shades can be compared; or one for each. */
  readonly ownScale: boolean;
  /** How many times smaller scores get full colour; 1 unless given. */
  readonly intensity?: number;
}

export interface Ranking {
  readonly title: string;
  readonly side: Side;
  /** Single words need less room than sentences. */
  readonly level: string;
  readonly shown: Shown;
  readonly text: (index: number) => string;
  /** What is said where there is no score. */
  readonly unknown: string;
  /** What the pointer is on, if it is in the list. */
  readonly marked: number | null;
}

/** What is pinned: one computed part of the answer, or something else, or nothing. */
export interface Pinned {
  readonly any: boolean;
  readonly part: number | null;
  readonly text: string;
}

/** An explanation at two levels, and what is to be said about it. Knows no DOM. */
export class Drawing {
  /** As it was computed. */
  readonly explanation: Explanation;
  /** The prompt as it is cut here: as it was computed, or into larger units. */
  readonly cut: Explanation['prompt'];
  /** The same at the prompt's computed level, and the rows of it that make up each one here. */
  readonly computed: Drawing;
  readonly #parts: readonly (readonly number[])[] | null;
  readonly table: ScoreTable;
  readonly scale: Scale;
  readonly #axis: Axis;
  #quiet: boolean[] | null = null;
  #last: { key: string; shown: Shown } | null = null;

  constructor(
    explanation: Explanation,
    level: string,
    promptLevel: string = explanation.prompt.level,
  ) {
    const coarse =
      promptLevel === explanation.prompt.level ? null : coarsen(explanation, promptLevel);
    this.explanation = explanation;
    this.cut = (coarse?.explanation ?? explanation).prompt;
    this.computed = coarse ? new Drawing(explanation, level) : this;
    this.#parts = coarse?.parts ?? null;
    this.table = new ScoreTable(coarse?.explanation ?? explanation, level);
    this.scale = { limit: this.table.largest(), noise: scoreNoise(explanation) };
    this.#axis = axisFor(this.table.scores(), this.table.ends());
  }

  /** The prompt as the response is asked about. */
  prompt(settled: Settled): Shown {
    const { focus, k, ownScale, intensity } = settled;
    const columns = asked(focus, 'response');
    // Panes, list and tooltip ask the same within one repaint, and sorting is what costs.
    const key = `${columns.join()} ${k} ${ownScale} ${intensity}`;
    if (this.#last?.key !== key) {
      const scores = this.table.forResponse(columns);
      const shown = new Shown(scores, k, this.#sets(settled), this.#frame(settled));
      this.#last = { key, shown };
    }
    return this.#last.shown;
  }

  /** The response as the prompt is asked about; null when it is not. */
  response(settled: Settled): Shown | null {
    const rows = asked(settled.focus, 'prompt');
    return rows.length > 0 ? this.#rows(rows, settled) : null;
  }

  question({ focus }: Settled): string {
    const { columns, level, together } = this.table;
    const texts = asked(focus, 'response').map((j) => columns[j]?.text ?? '');
    const { foil, targets } = this.explanation.response;
    if (texts.length === 0 && foil) return 'What made this answer, and not the other';
    if (texts.length === 0 && targets) return 'What made the explained parts of the answer';
    return questionLine(texts, level, together);
  }

  /** What checks are to be about: the one part of the answer that is pinned, as it was computed. */
  pinned({ prompt, response }: Focus): Pinned {
    const one = response.length === 1 && this.table.level === this.explanation.response.level;
    const part = one ? (response[0] ?? null) : null;
    const text = part === null ? '' : (this.table.columns[part]?.text ?? '');
    return { any: prompt.length + response.length > 0, part, text };
  }

  coverage({ scores, top }: Shown, settled: Settled): string {
    const { k } = settled;
    if (this.computed !== this) {
      // What is cut off, tested and searched are computed units.
      const line = this.computed.coverage(this.computed.prompt(settled), settled);
      return `k counts computed ${levelName(this.explanation.prompt.level)}: ${line}`;
    }
    const { values } = scores;
    const missing = top.size < Math.min(k, this.table.rows);
    const short = missing ? values.filter(isScored).length : null;
    return coverageLine(top.size, this.table.rows, coverage(values, top), short);
  }

  /** What is listed by score: the prompt, or the response when only the prompt has pins. */
  ranking(settled: Settled): Ranking {
    const { focus } = settled;
    const { columns } = this.table;
    // Pointing at the prompt must not turn the list into another one, so only pins count there.
    if (focus.prompt.length > 0 && asked(focus, 'response').length === 0) {
      const pinned = count(focus.prompt.length, 'pinned prompt part');
      return {
        title: `What ${pinned} did to each part of the answer`,
        side: 'response',
        level: this.table.level,
        shown: this.#rows(focus.prompt, settled),
        text: (j) => columns[j]?.text ?? '',
        unknown: this.unknown,
        marked: null,
      };
    }
    return {
      title: this.question(settled),
      side: 'prompt',
      level: this.cut.level,
      shown: this.prompt(settled),
      text: (row) => this.promptText(row),
      unknown: this.unknown,
      marked: focus.hover?.side === 'prompt' ? focus.hover.index : null,
    };
  }

  /** Why there is no score where there could be one. */
  get unknown(): string {
    return this.table.kept === 'all' ? NOT_EVALUATED : 'not among the scores that were kept';
  }

  promptText(row: number): string {
    return this.cut.units[this.table.units[row] ?? -1]?.text ?? '';
  }

  /** Rows of which everything is among these computed ones. */
  whole(computed: readonly number[]): readonly number[] {
    if (!this.#parts) return computed;
    const held = new Set(computed);
    return this.#parts.flatMap((part, row) => (part.every((one) => held.has(one)) ? [row] : []));
  }

  /** The number behind a shade, in words. */
  readout(shown: Shown, index: number): string {
    const { scores, scale } = shown;
    const score = scores.values[index] ?? null;
    if (score === null && this.explanation.response.foil) {
      return 'no score: only the whole answers are compared';
    }
    if (score === null) return this.unknown;
    return readingLine({
      score,
      low: scores.low?.[index] ?? null,
      high: scores.high?.[index] ?? null,
      rank: shown.rank(index),
      of: shown.size,
      noise: isNoise(scale, score),
    });
  }

  /** All that is told of the unit that is pointed at. */
  lines({ side, index }: Spot, settled: Settled): string[] {
    const shown = side === 'prompt' ? this.prompt(settled) : this.response(settled);
    const lines = shown ? [this.readout(shown, index)] : [];
    return side === 'prompt' ? lines : [...lines, ...this.answerLines(index)];
  }

  /** What is known about a part of the answer by itself. */
  answerLines(column: number): string[] {
    const { aside = '', pieces = '', full = null } = this.table.columns[column] ?? {};
    if (aside) return [aside];
    const lines: string[] = [];
    if (pieces) lines.push(`explained: ${pieces}`);
    if (full !== null && this.explanation.value === 'logprob') lines.push(`log p ${number(full)}`);
    const row = this.table.strongest(column);
    const score = row === null ? null : this.table.cell(row, column);
    if (row === null || score === null) lines.push(this.unknown);
    else lines.push(`most from “${excerpt(this.promptText(row))}”, ${signed(score)}`);
    return lines;
  }

  cellLine(row: number, column: number): string {
    const scores = this.table.forResponse([column]);
    return this.readout(new Shown(scores, 1, null, this.#frame({ ownScale: false })), row);
  }

  /** What may be folded away; what is pinned or among the k of the question that stands may not. */
  folding(settled: Settled): Folding {
    const { focus } = settled;
    const { top } = this.prompt({ ...settled, focus: hover(focus, null) });
    this.#quiet ??= quietUnits(this.table.total.values, this.table.peaks(), this.scale.noise);
    return { quiet: this.#quiet, wanted: new Set([...top, ...focus.prompt]) };
  }

  /** Labels tell what is pinned, not what the pointer passes over. */
  promptLabel(settled: Settled): (row: number) => string {
    const shown = this.prompt({ ...settled, focus: hover(settled.focus, null) });
    return (row) => unitLabel(this.promptText(row), this.readout(shown, row));
  }

  answerLabel(column: number): string {
    return unitLabel(this.table.columns[column]?.text ?? '', this.answerLines(column).join(', '));
  }

  #rows(rows: readonly number[], settled: Settled): Shown {
    const { columns } = this.table;
    return new Shown(this.table.forPrompt(rows), columns.length, null, this.#frame(settled));
  }

  /** The sets that are outlined: here the units with a part in the computed top k. */
  #sets(settled: Settled): Explanation['sets'] {
    if (!this.#parts) return this.explanation.sets;
    const { top } = this.computed.prompt(settled);
    const held = this.#parts.flatMap((part, row) =>
      part.some((one) => top.has(one)) ? [row] : [],
    );
    return { [String(settled.k)]: held };
  }

  #frame({ ownScale, intensity = 1 }: Pick<Settled, 'ownScale' | 'intensity'>): Frame {
    return { scale: this.scale, axis: this.#axis, own: ownScale, intensity };
  }
}
