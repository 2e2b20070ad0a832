/** The linked panes as a picture (SVG), as they are shown now: nothing folds, nothing scrolls. */

import type { Explanation } from '../../protocol/explanation';
import type { Ink } from '../elements/ink';
import type { Drawing, Settled } from '../model/drawing';
import { layoutFor, type Layout } from '../model/layout';
import { place, isNoise, tint, type Axis } from '../model/scale';
import { promptSections, responseSections, ROLE_NAMES, type Section } from '../model/sections';
import type { Shown } from '../model/shown';
import { excerpt, signed } from '../wording/format';
import { methodTitle, scaleSentence, scoreTitle, scoreUnit } from '../wording/sentences';
import { typeset, type Fragment } from './typeset';
import { escaped, tag } from './xml';

const WIDTH = 1040;
const EDGE = 24;
const GAP = 36;
const LINE = 22;
const SIZE = 14;
const SMALL = 11.5;
/** How strong the strongest shade is, and among those that did not make the cut. */
const FULL = 0.56;
const FADED = 0.3;
const BAR = 70;
const NUMBER = 56;

/** The picture as the text of an SVG file. */
export function picture(drawing: Drawing, settled: Settled, ink: Ink): string {
  const shown = drawing.prompt(settled);
  const { explanation, table } = drawing;
  const room = WIDTH - 2 * EDGE - GAP;
  const left = Math.round(room * 0.535);
  const top = 96;
  const answer = responseSections(table.columns.map(({ text }) => text));
  const { cut } = drawing;
  const panes = [
    new Column('Prompt', EDGE, left, ink, shown, settled.focus.prompt),
    new Column(
      'Response',
      EDGE + left + GAP,
      room - left,
      ink,
      drawing.response(settled),
      settled.focus.response,
    ),
  ] as const;
  panes[0].set(promptSections(cut.units), layoutFor(cut.level), top);
  panes[1].set(answer, layoutFor(table.level), top);
  const bottom = Math.max(...panes.map(({ bottom }) => bottom)) + 12;
  const height = bottom + 74;
  const rule = { stroke: ink.line, x1: 0, x2: WIDTH };
  const parts = [
    tag('rect', { width: WIDTH, height, fill: ink.paper }),
    line(ink, EDGE, 34, excerpt(drawing.question(settled), 110), { 'font-size': 17, bold: 1 }),
    line(ink, EDGE, 56, heading(explanation, settled.k), { 'font-size': SMALL, fill: ink.quiet }),
    tag('line', { ...rule, y1: 70, y2: 70 }),
    ...panes.flatMap(({ parts }) => parts),
    tag('line', { ...rule, y1: bottom, y2: bottom }),
    ...legend(shown, explanation, bottom + 24, ink),
    line(ink, EDGE, bottom + 54, drawing.coverage(shown, settled), { 'font-size': SMALL }),
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${WIDTH} ${height}`,
    width: WIDTH,
    height,
    'font-family': ink.font,
    'font-size': SIZE,
    fill: ink.text,
  };
  const title = tag('title', {}, escaped(drawing.question(settled)));
  return `${tag('svg', attributes, title + parts.join(''))}\n`;
}

function heading(explanation: Explanation, k: number): string {
  const { method, model } = explanation;
  return `${methodTitle(method.name)} · ${scoreTitle(explanation)} · ${model.name} · k = ${k}`;
}

function legend(shown: Shown, explanation: Explanation, y: number, ink: Ink): string[] {
  const low = `${shown.lifted ? '≤ ' : ''}${signed(-shown.scale.limit)}`;
  const start = EDGE + 52;
  const steps = Array.from({ length: 21 }, (_, index) => index / 10 - 1);
  const { scale } = shown;
  const ramp = steps.map((share, index) =>
    tag('rect', {
      x: start + index * 5,
      y: y - 10,
      width: 5,
      height: 11,
      fill: share < 0 ? ink.opposes : ink.supports,
      'fill-opacity': FULL * tint({ ...scale, noise: 0 }, share * scale.limit),
    }),
  );
  const small = { 'font-size': SMALL, fill: ink.quiet };
  const named = scoreUnit(explanation);
  const unit = named && ` ${named}`;
  return [
    line(ink, start - 8, y, low, { ...small, 'text-anchor': 'end' }),
    ...ramp,
    line(ink, start + 113, y, `${shown.lifted ? '≥ ' : ''}${signed(scale.limit)}${unit}`, small),
    line(ink, start + 200, y, scaleSentence(explanation), small),
  ];
}

function line(
  ink: Ink,
  x: number,
  y: number,
  text: string,
  { bold, ...attributes }: Record<string, string | number> = {},
): string {
  const weight: Record<string, number> = bold ? { 'font-weight': 600 } : {};
  return tag('text', { x, y, fill: ink.text, ...attributes, ...weight }, escaped(text));
}

/** One pane: its units one below the other with their numbers, or as running text. */
class Column {
  readonly parts: string[] = [];
  bottom = 0;
  readonly isPrompt: boolean;

  constructor(
    readonly title: 'Prompt' | 'Response',
    readonly x: number,
    readonly width: number,
    readonly ink: Ink,
    readonly shown: Shown | null,
    readonly pinned: readonly number[],
  ) {
    this.isPrompt = title === 'Prompt';
  }

  set(sections: readonly Section[], layout: Layout, top: number): void {
    const { ink, x } = this;
    const written = sections.filter(({ role }) => role !== 'template');
    const named = new Set(written.map(({ role }) => role)).size > 1;
    const small = { 'font-size': SMALL, fill: ink.quiet };
    this.parts.push(line(ink, x, top, this.title.toUpperCase(), { ...small, bold: 1 }));
    let y = top + 10;
    for (const section of written) {
      if (named) {
        y += LINE;
        this.parts.push(line(ink, x, y - 4, ROLE_NAMES[section.role], { ...small, bold: 1 }));
      }
      y = layout === 'rows' ? this.#rows(section, y) : this.#flow(section, y);
    }
    this.bottom = y;
  }

  #rows({ pieces }: Section, top: number): number {
    const { x, width, shown } = this;
    const side = shown ? NUMBER + (this.isPrompt ? BAR + 10 : 0) : 0;
    let y = top;
    for (const { text, index } of pieces) {
      const lines = typeset([text.trim()], width - side - 10, this.ink.measure);
      const score = index === null ? null : (shown?.scores.values[index] ?? null);
      this.#lines(lines, [index], x + 4, y, width - side - 10);
      if (shown && index !== null) {
        const middle = y + (lines.length * LINE) / 2;
        const number = score === null ? '–' : signed(score);
        const anchor = { 'text-anchor': 'end', 'font-size': 12, bold: 1 };
        this.parts.push(line(this.ink, x + width, middle + 4, number, anchor));
        if (this.isPrompt && score !== null) this.#bar(score, shown.axis, middle);
      }
      y += lines.length * LINE + 6;
    }
    return y;
  }

  #flow({ pieces }: Section, top: number): number {
    const texts = pieces.map(({ text }) => text);
    // The browser, too, shows no white space where a text ends.
    const lines = typeset(texts, this.width, this.ink.measure);
    while (lines.length > 1 && lines[lines.length - 1]?.length === 0) lines.pop();
    const indices = pieces.map(({ index }) => index);
    this.#lines(lines, indices, this.x, top, this.width);
    return top + lines.length * LINE + 6;
  }

  #lines(
    lines: readonly Fragment[][],
    indices: readonly (number | null)[],
    x: number,
    top: number,
    width: number,
  ): void {
    const rightToLeft = RTL.test(lines.flatMap((one) => one.map(({ text }) => text)).join(''));
    lines.forEach((fragments, row) => {
      const base = top + row * LINE + 16;
      for (const { text, of, x: at, width: long } of fragments) {
        const from = rightToLeft ? x + width - at - long : x + at;
        const index = indices[of] ?? null;
        this.#shade(index, from, base, long);
        if (index !== null && this.pinned.includes(index)) {
          const frame = { x: from - 2, y: base - 15, width: long + 4, height: 21, rx: 3 };
          this.parts.push(tag('rect', { ...frame, fill: 'none', stroke: this.ink.text }));
        }
        this.#text(text, index, from, base, long);
      }
    });
  }

  #shade(index: number | null, x: number, base: number, width: number): void {
    const { shown, ink } = this;
    if (!shown || index === null) return;
    const score = shown.scores.values[index] ?? null;
    const share = tint(shown.scale, score);
    const inCut = !this.isPrompt || shown.top.has(index);
    const hue = (score ?? 0) < 0 ? ink.opposes : ink.supports;
    const height = ink.underline ? 3 : 18;
    const y = ink.underline ? base + 2 : base - 13.5;
    if (share > 0) {
      const opacity = share * (inCut ? FULL : FADED) * (ink.underline ? 1.6 : 1);
      this.parts.push(tag('rect', { x, y, width, height, fill: hue, 'fill-opacity': opacity }));
    }
    if (this.isPrompt && inCut && score !== null && !isNoise(shown.scale, score)) {
      const edge = { x1: x, x2: x + width, y1: base + 5, y2: base + 5 };
      this.parts.push(tag('line', { ...edge, stroke: hue, 'stroke-width': 1.5 }));
    }
  }

  #text(text: string, index: number | null, x: number, y: number, width: number): void {
    if (text.trim() === '') return;
    const { ink, shown } = this;
    const quiet = index === null || (this.isPrompt && shown && !shown.top.has(index));
    const attributes = {
      x,
      y,
      // Another machine's letters may be wider; they keep their place.
      textLength: width,
      lengthAdjust: 'spacingAndGlyphs',
      fill: index === null ? ink.quiet : ink.text,
      ...(quiet ? { 'fill-opacity': 0.85 } : {}),
    };
    this.parts.push(tag('text', attributes, escaped(text)));
  }

  #bar(score: number, axis: Axis, middle: number): void {
    const start = this.x + this.width - NUMBER - BAR;
    const [from, to] = [place(axis, 0), place(axis, score)].sort((a, b) => a - b) as [
      number,
      number,
    ];
    this.parts.push(
      tag('rect', {
        x: start + from * BAR,
        y: middle - 4,
        width: (to - from) * BAR,
        height: 8,
        fill: score < 0 ? this.ink.opposes : this.ink.supports,
        'fill-opacity': 0.85,
      }),
    );
  }
}

/** The first letter decides which way a text runs. */
const RTL = /^\P{L}*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;
