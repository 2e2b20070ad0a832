import type { Comparison } from '../protocol/comparison';
import type { Explanation } from '../protocol/explanation';
import { CompareMenu } from './comparison/compare-menu';
import { Aim } from './controls/aim';
import { Appearance } from './controls/appearance';
import { Caption } from './controls/caption';
import { Foil } from './controls/foil';
import { Header } from './controls/header';
import { Legend } from './controls/legend';
import { Notes, Summary } from './controls/notes';
import { Pointing } from './controls/pointing';
import { promptSize } from './controls/prompt-level';
import { levelOptions } from './controls/response-level';
import { Status } from './controls/status';
import { Choice } from './elements/choice';
import { h, setText } from './elements/dom';
import type { Popover } from './elements/popover';
import type { Bundle, Host, Progress, Settings, View, WhatIf } from './host';
import { promptOriginOf } from './model/coarsen';
import { Drawing, type Settled } from './model/drawing';
import type { Side, Spot } from './model/focus';
import type { Folding } from './model/fold';
import { originOf } from './model/grouping';
import { layoutFor } from './model/layout';
import { promptSections, responseSections } from './model/sections';
import { within, type Place, type Span } from './model/spans';
import { Pane } from './pane/pane';
import { ChecksPanel } from './panels/checks';
import { CurvePanel } from './panels/curve';
import { FlowPanel } from './panels/flow';
import type { Cell, Grid } from './panels/grid';
import { MatrixPanel } from './panels/matrix';
import { ScoresPanel } from './panels/scores';
import { SettingsPanel } from './panels/settings';
import { Tabs } from './panels/tabs';
import { Testing, type Checked } from './panels/testing';
import { WhatIfPanel, type Asked } from './panels/what-if';
import { SaveMenu } from './saving/save-menu';
import { costLine } from './wording/sentences';

/** Holds the state of a view and hands what changed to its parts. */
export class ExplanationView implements View {
  readonly #host: Host | null;
  readonly #root = h('div', { class: 'jxai-view' });
  readonly #page = new AbortController();
  readonly #header: Header;
  readonly #status: Status;
  readonly #save: SaveMenu;
  readonly #compare: CompareMenu;
  readonly #menus: readonly Popover[];
  readonly #notes = new Notes();
  readonly #caption = new Caption(this.#root);
  readonly #legend: Legend;
  readonly #prompt: Pane;
  readonly #response: Pane;
  readonly #promptSize = h('span', { class: 'jxai-size' });
  readonly #aim: Aim;
  readonly #foil: Foil;
  readonly #levels: Choice;
  readonly #scores: ScoresPanel;
  readonly #matrix: MatrixPanel;
  readonly #curve: CurvePanel;
  readonly #whatIf: WhatIfPanel;
  readonly #tabs: Tabs;
  readonly #summary = new Summary();
  readonly #pointing: Pointing;
  readonly #testing: Testing;

  #drawing: Drawing | null = null;
  #texts = '';
  #ownScale = false;
  /** What the person chose; until then the explanation's own. */
  #k: number | null = null;
  #level: string | null = null;
  #promptLevel: string | null = null;
  #intensity = 1;

  constructor(
    el: HTMLElement,
    explanation: Explanation | null,
    host: Host | null,
    bundle: (() => Promise<Bundle>) | null = null,
  ) {
    this.#host = host;
    this.#pointing = new Pointing(
      () => this.#paint(),
      () => {
        this.#describe();
        this.#paint();
      },
    );
    this.#testing = new Testing(host, () => this.#tabs.draw());
    const explain = (settings: Settings): void => this.#explain(settings);
    this.#header = new Header(
      host,
      (k) => this.#chooseK(k),
      (level) => this.#choosePromptLevel(level),
      explain,
    );
    this.#aim = new Aim(host, explain, (spans, pending) => this.#target(spans, pending));
    this.#foil = new Foil(host, explain);
    this.#save = new SaveMenu(host, bundle, this.#root, () => {
      return this.#drawing && { drawing: this.#drawing, settled: this.#settled() };
    });
    const appearance = new Appearance((intensity, underline) => {
      this.#intensity = intensity;
      this.#root.classList.toggle('jxai-underline', underline);
      this.#paint();
    });
    this.#compare = new CompareMenu(host, this.#root);
    this.#menus = [appearance.popover, this.#compare.popover, this.#save.popover];
    this.#status = new Status(host, ...this.#menus.map(({ element }) => element));
    this.#legend = new Legend((own) => {
      this.#ownScale = own;
      this.#paint();
    });
    const events = {
      point: (spot: Spot | null) => this.#pointing.point(spot),
      toggle: (spot: Spot) => this.#pointing.toggle(spot),
    };
    this.#prompt = new Pane('prompt', 'Prompt', events);
    this.#response = new Pane('response', 'Response', {
      ...events,
      pick: (from, to) => this.#pick(from, to),
      release: () => this.#aim.release(),
    });
    this.#levels = new Choice('response units', (level) => this.#chooseLevel(level));
    this.#prompt.head.append(this.#promptSize);
    this.#response.head.append(this.#levels.element);
    this.#response.element.append(this.#aim.element, this.#foil.element);
    this.#scores = new ScoresPanel(
      () => this.#drawing?.ranking(this.#settled()) ?? null,
      (side, index) => this.#mark(side, index),
      (side, index) => (side === 'prompt' ? this.#prompt : this.#response).reveal(index),
    );
    const cells = { ...events, cell: (at: Cell | null) => this.#pointAtCell(at) };
    this.#matrix = new MatrixPanel(() => this.#grid(), cells);
    const flow = new FlowPanel(
      () => this.#drawing && { drawing: this.#drawing, focus: this.#pointing.focus },
      cells,
    );
    const strike = (rows: readonly number[]): void =>
      this.#prompt.strike(this.#drawing?.whole(rows) ?? []);
    const drawn = (): Drawing | null => this.#drawing;
    this.#curve = new CurvePanel(host, drawn, () => this.#pointing.pinned, strike);
    this.#whatIf = new WhatIfPanel(host, () => this.#topped(), strike);
    const checks = new ChecksPanel(
      () => this.#checked(),
      (group) => this.#testing.measure(group, this.#shownK()),
    );
    const settings = new SettingsPanel(() => this.#drawing?.explanation ?? null);
    this.#tabs = new Tabs([
      this.#scores,
      this.#matrix,
      flow,
      this.#curve,
      checks,
      this.#whatIf,
      settings,
    ]);
    this.#compose();
    el.append(this.#root);
    this.update(explanation);
  }

  update(explanation: Explanation | null): void {
    this.#root.classList.toggle('jxai-waiting', explanation === null);
    if (!explanation) {
      this.#drawing = null;
      return;
    }
    const level = this.#level ?? explanation.response.level;
    if (originOf(explanation, level) !== 'summed') this.#level = null;
    const promptLevel = this.#promptLevel ?? explanation.prompt.level;
    if (promptOriginOf(explanation, promptLevel) !== 'summed') this.#promptLevel = null;
    this.#drawing = new Drawing(explanation, level, this.#promptLevel ?? undefined);
    this.#testing.arrived(explanation);
    this.#build(this.#drawing);
    this.#describe();
    this.#paint();
    this.#tabs.draw();
  }

  progress(progress: Progress): void {
    const told = [this.#status, this.#curve, this.#whatIf, this.#compare];
    for (const one of told) one.progress(progress);
    this.#testing.follow();
    if (progress.state === 'failed' || progress.state === 'cancelled') {
      this.#testing.forget();
      // The controls stood at what was asked for; it will not come.
      if (this.#drawing) this.#build(this.#drawing);
      this.#tabs.draw();
    }
  }

  answered(found: WhatIf): void {
    this.#whatIf.answered(found);
  }

  compared(found: Comparison): void {
    this.#compare.compared(found);
  }

  destroy(): void {
    this.#compare.destroy();
    this.#page.abort();
    this.#header.destroy();
    this.#pointing.destroy();
    this.#testing.destroy();
    this.#prompt.destroy();
    this.#response.destroy();
    this.#root.remove();
  }

  #compose(): void {
    const panes = h('div', { class: 'jxai-panes' }, this.#prompt.element, this.#response.element);
    this.#root.append(
      h('div', { class: 'jxai-head' }, this.#header.element, this.#status.element),
      this.#notes.element,
      this.#caption.element,
      panes,
      this.#legend.element,
      this.#tabs.element,
      this.#summary.element,
      this.#caption.tooltip.element,
    );
    this.#root.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      this.#caption.tooltip.hide();
      if (!this.#pointing.pinned) this.#aim.release();
      this.#pointing.letGo();
    });
    const onPaper = (printing: boolean): void => {
      this.#tabs.onPaper(printing);
      this.#prompt.onPaper(printing);
      this.#response.onPaper(printing);
    };
    const { signal } = this.#page;
    const onClick = ({ target }: Event): void => this.#menus.forEach((one) => one.clicked(target));
    document.addEventListener('pointerdown', onClick, { signal });
    window.addEventListener('beforeprint', () => onPaper(true), { signal });
    window.addEventListener('afterprint', () => onPaper(false), { signal });
  }

  /** What stands in the panes; rebuilt only when the texts are others than before. */
  #build({ explanation, table, computed, cut: prompt }: Drawing): void {
    const texts = JSON.stringify([prompt, table.level, table.columns.map(({ text }) => text)]);
    if (texts !== this.#texts) {
      this.#texts = texts;
      const asked = promptSections(prompt.units);
      const answer = responseSections(table.columns.map(({ text }) => text));
      this.#pointing.keep(asked, answer);
      const folding = this.#folding();
      this.#prompt.build(asked, layoutFor(prompt.level), prompt.level, folding);
      this.#response.build(answer, layoutFor(table.level), table.level);
    }
    this.#response.asides(table.columns.map(({ aside }) => aside));
    const size = promptSize(explanation, computed.table.rows, prompt.level, table.rows);
    setText(this.#promptSize, size.text);
    this.#promptSize.title = size.title;
    const offered = this.#host ? this.#host.choices.response_levels : null;
    this.#levels.set(levelOptions(explanation, offered), table.level);
    this.#header.update(explanation, this.#shownK(), computed.table.rows, prompt.level);
    this.#status.cost(costLine(explanation.cost));
    this.#aim.draw(explanation);
    this.#foil.draw(explanation);
    this.#compare.draw(explanation);
    this.#notes.draw(explanation, this.#host !== null);
  }

  #settled(): Settled {
    return {
      focus: this.#pointing.focus,
      k: this.#shownK(),
      ownScale: this.#ownScale,
      intensity: this.#intensity,
    };
  }

  /** Repaint everything that depends on what is being asked. */
  #paint(): void {
    if (!this.#drawing) return;
    const settled = this.#settled();
    const shown = this.#drawing.prompt(settled);
    this.#prompt.paint(shown);
    this.#response.paint(this.#drawing.response(settled));
    this.#caption.ask(this.#drawing.question(settled));
    const { explanation } = this.#drawing;
    this.#legend.draw(shown, explanation, this.#drawing.coverage(shown, settled));
    this.#tabs.follow();
    this.#summary.draw(explanation, settled.k, this.#drawing.pinned(this.#pointing.focus));
    this.#tip();
  }

  /** Scores that are still coming fold nothing: text would move while it is read. */
  #folding(): Folding | undefined {
    const { explanation } = this.#drawing ?? {};
    return explanation?.partial ? undefined : this.#drawing?.folding(this.#settled());
  }

  #describe(): void {
    const drawing = this.#drawing;
    if (!drawing) return;
    const folding = this.#folding();
    if (folding) this.#prompt.fold(folding);
    this.#prompt.describe(this.#pointing.focus.prompt, drawing.promptLabel(this.#settled()));
    this.#response.describe(this.#pointing.focus.response, (column) => drawing.answerLabel(column));
    this.#matrix.pins();
  }

  #tip(): void {
    const { hover, response } = this.#pointing.focus;
    const pane = hover?.side === 'prompt' ? this.#prompt : this.#response;
    const anchor = hover ? pane.elementOf(hover.index) : null;
    if (!hover || !anchor || !this.#drawing) return this.#caption.rest(response.length > 0);
    const lines = this.#drawing.lines(hover, this.#settled());
    // A unit on its own line shows its number already; a tooltip would only hide its neighbours.
    this.#caption.tell(lines, pane.layout === 'flow' ? anchor : null);
  }

  #grid(): Grid | null {
    return (
      this.#drawing && {
        drawing: this.#drawing,
        pinned: ({ side, index }) => this.#pointing.focus[side].includes(index),
      }
    );
  }

  #topped(): Asked | null {
    // What the kernel removes are computed units.
    const drawing = this.#drawing?.computed;
    return drawing ? { drawing, top: drawing.prompt(this.#settled()).top } : null;
  }

  #checked(): Checked | null {
    const { explanation } = this.#drawing ?? {};
    const pinned = this.#drawing?.pinned(this.#pointing.focus);
    return explanation && pinned ? this.#testing.state(explanation, this.#shownK(), pinned) : null;
  }

  #pick(from: Place, to: Place): void {
    const texts = this.#drawing?.table.columns.map(({ text }) => text) ?? [];
    // What is pinned would hide the scores of the piece.
    if (this.#aim.pick(texts, from, to)) this.#pointing.letGo();
  }

  #target(spans: readonly Span[], pending: boolean): void {
    const texts = this.#drawing?.table.columns.map(({ text }) => text) ?? [];
    this.#response.target(within(texts, spans), pending);
  }

  #mark(side: Side, index: number | null): void {
    (side === 'prompt' ? this.#prompt : this.#response).mark(index);
  }

  #pointAtCell(at: Cell | null): void {
    this.#mark('prompt', at?.row ?? null);
    this.#mark('response', at?.column ?? null);
    const { tooltip } = this.#caption;
    if (!at || !this.#drawing) return tooltip.hide();
    tooltip.show(at.anchor, [this.#drawing.cellLine(at.row, at.column)]);
  }

  #shownK(): number {
    const k = this.#k ?? this.#drawing?.explanation.k ?? 1;
    return Math.max(1, Math.min(k, this.#drawing?.computed.table.rows ?? k));
  }

  #chooseK(k: number): void {
    this.#k = k;
    this.#describe();
    this.#paint();
    this.#tabs.draw();
    this.#testing.settle(() => this.#checked());
  }

  /** The kernel tests the scores it sends for the k that is on the screen. */
  #explain(settings: Settings): void {
    this.#host?.explain(this.#k === null ? settings : { k: this.#k, ...settings });
  }

  #choosePromptLevel(level: string): void {
    this.#promptLevel = level;
    this.update(this.#drawing?.explanation ?? null);
  }

  #chooseLevel(level: string): void {
    if (!this.#drawing) return;
    const { explanation } = this.#drawing;
    if (originOf(explanation, level) === 'asked') {
      this.#level = null;
      this.#explain({ response_units: level });
      return;
    }
    this.#level = level;
    this.update(explanation);
  }
}
