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
import { responseLevelOptions } from './controls/response-level';
import { Status } from './controls/status';
import { Choice } from './elements/choice';
import { h, setText } from './elements/dom';
import type { Popover } from './elements/popover';
import type { Bundle, Host, Progress, Settings, View, WhatIf } from './host';
import type { Drawing, Settled } from './model/drawing';
import type { Side, Spot } from './model/focus';
import type { Folding } from './model/fold';
import { layoutFor } from './model/layout';
import { promptSections, responseSections } from './model/sections';
import { within, type Place, type Span } from './model/spans';
import { ViewState } from './model/view-state';
import { Pane } from './pane/pane';
import type { Cell } from './panels/grid';
import { PanelTabs } from './panels/panel-tabs';
import { SaveMenu } from './saving/save-menu';
import { costLine } from './wording/sentences';

/** Hands what changed to the parts of the view. */
export class ExplanationView implements View {
  readonly #host: Host | null;
  readonly #root = h('div', { class: 'jxai-view' });
  readonly #page = new AbortController();
  readonly #state = new ViewState();
  readonly #pointing = new Pointing(
    () => this.#paint(),
    () => this.#redraw(),
  );
  readonly #events = {
    point: (spot: Spot | null): void => this.#pointing.point(spot),
    toggle: (spot: Spot): void => this.#pointing.toggle(spot),
  };
  readonly #header: Header;
  readonly #status: Status;
  readonly #compare: CompareMenu;
  readonly #menus: readonly Popover[];
  readonly #notes = new Notes();
  readonly #caption = new Caption(this.#root);
  readonly #legend = new Legend((own) => {
    this.#state.ownScale = own;
    this.#paint();
  });
  readonly #prompt = new Pane('prompt', 'Prompt', this.#events);
  readonly #promptSize = h('span', { class: 'jxai-size' });
  readonly #response = new Pane('response', 'Response', {
    ...this.#events,
    pick: (from, to) => this.#pick(from, to),
    release: () => this.#aim.release(),
  });
  readonly #levels = new Choice('response units', (level) => this.#chooseLevel(level));
  readonly #aim: Aim;
  readonly #foil: Foil;
  readonly #panels: PanelTabs;
  readonly #summary = new Summary();
  /** What stands in the panes. */
  #texts = '';

  constructor(
    el: HTMLElement,
    explanation: Explanation | null,
    host: Host | null,
    bundle: (() => Promise<Bundle>) | null = null,
  ) {
    this.#host = host;
    const explain = (settings: Settings): void => this.#explain(settings);
    this.#header = new Header(
      host,
      (k) => this.#chooseK(k),
      (level) => this.#choosePromptLevel(level),
      explain,
    );
    this.#aim = new Aim(host, explain, (spans, pending) => this.#target(spans, pending));
    this.#foil = new Foil(host, explain);
    this.#compare = new CompareMenu(host, this.#root);
    this.#menus = [this.#appearance(), this.#compare.popover, this.#saving(host, bundle)];
    this.#status = new Status(host, ...this.#menus.map(({ element }) => element));
    this.#panels = new PanelTabs(
      host,
      { drawing: () => this.#state.drawing, settled: () => this.#settled() },
      {
        ...this.#events,
        cell: (at) => this.#pointAtCell(at),
        mark: (side, index) => this.#mark(side, index),
        reveal: (side, index) => this.#pane(side).reveal(index),
        strike: (rows) => this.#prompt.strike(this.#state.drawing?.whole(rows) ?? []),
      },
    );
    this.#compose();
    this.#listen();
    el.append(this.#root);
    this.update(explanation);
  }

  update(explanation: Explanation | null): void {
    this.#root.classList.toggle('jxai-waiting', explanation === null);
    const drawing = this.#state.show(explanation);
    if (!drawing) return;
    this.#panels.arrived(drawing.explanation);
    this.#build(drawing);
    this.#redraw();
    this.#panels.draw();
  }

  progress(progress: Progress): void {
    for (const one of [this.#status, this.#compare, this.#panels]) one.progress(progress);
    if (progress.state === 'failed' || progress.state === 'cancelled') {
      // The controls stood at what was asked for; it will not come.
      if (this.#state.drawing) this.#build(this.#state.drawing);
      this.#panels.draw();
    }
  }

  answered(found: WhatIf): void {
    this.#panels.answered(found);
  }

  compared(found: Comparison): void {
    this.#compare.compared(found);
  }

  destroy(): void {
    this.#compare.destroy();
    this.#page.abort();
    this.#header.destroy();
    this.#pointing.destroy();
    this.#panels.destroy();
    this.#prompt.destroy();
    this.#response.destroy();
    this.#root.remove();
  }

  #appearance(): Popover {
    return new Appearance((intensity, underline) => {
      this.#state.intensity = intensity;
      this.#root.classList.toggle('jxai-underline', underline);
      this.#paint();
    }).popover;
  }

  #saving(host: Host | null, bundle: (() => Promise<Bundle>) | null): Popover {
    return new SaveMenu(host, bundle, this.#root, () => {
      const { drawing } = this.#state;
      return drawing && { drawing, settled: this.#settled() };
    }).popover;
  }

  #compose(): void {
    this.#prompt.head.append(this.#promptSize);
    this.#response.head.append(this.#levels.element);
    this.#response.element.append(this.#aim.element, this.#foil.element);
    const panes = h('div', { class: 'jxai-panes' }, this.#prompt.element, this.#response.element);
    this.#root.append(
      h('div', { class: 'jxai-head' }, this.#header.element, this.#status.element),
      this.#notes.element,
      this.#caption.element,
      panes,
      this.#legend.element,
      this.#panels.element,
      this.#summary.element,
      this.#caption.tooltip.element,
    );
  }

  #listen(): void {
    this.#root.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      this.#caption.tooltip.hide();
      if (!this.#pointing.pinned) this.#aim.release();
      this.#pointing.letGo();
    });
    const onPaper = (printing: boolean): void => {
      this.#panels.onPaper(printing);
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
    this.#levels.set(responseLevelOptions(explanation, offered), table.level);
    this.#header.update(explanation, this.#state.k, computed.table.rows, prompt.level);
    this.#status.cost(costLine(explanation.cost));
    this.#aim.draw(explanation);
    this.#foil.draw(explanation);
    this.#compare.draw(explanation);
    this.#notes.draw(explanation, this.#host !== null);
  }

  #settled(): Settled {
    return this.#state.settled(this.#pointing.focus);
  }

  /** What is pinned, or how much of it is outlined, is something else now. */
  #redraw(): void {
    this.#describe();
    this.#paint();
  }

  /** Repaint everything that depends on what is being asked. */
  #paint(): void {
    const { drawing } = this.#state;
    if (!drawing) return;
    const settled = this.#settled();
    const shown = drawing.prompt(settled);
    this.#prompt.paint(shown);
    this.#response.paint(drawing.response(settled));
    this.#caption.ask(drawing.question(settled));
    const { explanation } = drawing;
    this.#legend.draw(shown, explanation, drawing.coverage(shown, settled));
    this.#panels.follow();
    this.#summary.draw(explanation, settled.k, drawing.pinned(settled.focus));
    this.#tip();
  }

  /** Scores that are still coming fold nothing: text would move while it is read. */
  #folding(): Folding | undefined {
    const { drawing } = this.#state;
    return drawing?.explanation.partial ? undefined : drawing?.folding(this.#settled());
  }

  #describe(): void {
    const { drawing } = this.#state;
    if (!drawing) return;
    const folding = this.#folding();
    if (folding) this.#prompt.fold(folding);
    this.#prompt.describe(this.#pointing.focus.prompt, drawing.promptLabel(this.#settled()));
    this.#response.describe(this.#pointing.focus.response, (column) => drawing.answerLabel(column));
    this.#panels.pins();
  }

  #tip(): void {
    const { hover, response } = this.#pointing.focus;
    const { drawing } = this.#state;
    const pane = this.#pane(hover?.side ?? 'response');
    const anchor = hover ? pane.elementOf(hover.index) : null;
    if (!hover || !anchor || !drawing) return this.#caption.rest(response.length > 0);
    const lines = drawing.lines(hover, this.#settled());
    // A unit on its own line shows its number already; a tooltip would only hide its neighbours.
    this.#caption.tell(lines, pane.layout === 'flow' ? anchor : null);
  }

  #pick(from: Place, to: Place): void {
    const texts = this.#state.drawing?.table.columns.map(({ text }) => text) ?? [];
    // What is pinned would hide the scores of the piece.
    if (this.#aim.pick(texts, from, to)) this.#pointing.letGo();
  }

  #target(spans: readonly Span[], pending: boolean): void {
    const texts = this.#state.drawing?.table.columns.map(({ text }) => text) ?? [];
    this.#response.target(within(texts, spans), pending);
  }

  #pane(side: Side): Pane {
    return side === 'prompt' ? this.#prompt : this.#response;
  }

  #mark(side: Side, index: number | null): void {
    this.#pane(side).mark(index);
  }

  #pointAtCell(at: Cell | null): void {
    this.#mark('prompt', at?.row ?? null);
    this.#mark('response', at?.column ?? null);
    const { tooltip } = this.#caption;
    const { drawing } = this.#state;
    if (!at || !drawing) return tooltip.hide();
    tooltip.show(at.anchor, [drawing.cellLine(at.row, at.column)]);
  }

  #chooseK(k: number): void {
    this.#state.chosenK = k;
    this.#redraw();
    this.#panels.chosen();
  }

  /** The kernel tests the scores it sends for the k that is on the screen. */
  #explain(settings: Settings): void {
    const { chosenK } = this.#state;
    this.#host?.explain(chosenK === null ? settings : { k: chosenK, ...settings });
  }

  #choosePromptLevel(level: string): void {
    this.#state.choosePromptLevel(level);
    this.update(this.#state.drawing?.explanation ?? null);
  }

  #chooseLevel(level: string): void {
    const { drawing } = this.#state;
    if (!drawing) return;
    if (this.#state.chooseLevel(level)) this.update(drawing.explanation);
    else this.#explain({ response_units: level });
  }
}
