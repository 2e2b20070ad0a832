import type { Explanation } from '../../protocol/explanation';
import type { Host, Progress, WhatIf } from '../host';
import type { Drawing, Settled } from '../model/drawing';
import type { Side } from '../model/focus';
import { ChecksPanel } from './checks';
import { CurvePanel } from './curve';
import { FlowPanel } from './flow';
import type { Grid, GridEvents } from './grid';
import { MatrixPanel } from './matrix';
import { ScoresPanel } from './scores';
import { SettingsPanel } from './settings';
import { Tabs } from './tabs';
import { Testing, type Checked } from './testing';
import { WhatIfPanel, type WhatIfSubject } from './what-if';

/** What the panels are drawn of: asked for whenever one of them is drawn. */
export interface PanelSource {
  readonly drawing: () => Drawing | null;
  readonly settled: () => Settled;
}

/** What is done in a panel and seen in the texts. */
export interface PanelEvents extends GridEvents {
  mark(side: Side, index: number | null): void;
  /** Show where it stands, however far that is. */
  reveal(side: Side, index: number): void;
  /** Rows of the table as it is cut now are taken away. */
  strike(rows: readonly number[]): void;
}

/** All panels behind their tabs, and what they ask of the model. */
export class PanelTabs {
  readonly #source: PanelSource;
  readonly #testing: Testing;
  readonly #matrix: MatrixPanel;
  readonly #curve: CurvePanel;
  readonly #whatIf: WhatIfPanel;
  readonly #tabs: Tabs;

  constructor(host: Host | null, source: PanelSource, events: PanelEvents) {
    this.#source = source;
    const { drawing, settled } = source;
    const strike = (rows: readonly number[]): void => events.strike(rows);
    this.#testing = new Testing(host, () => this.#tabs.draw());
    const scores = new ScoresPanel(
      () => drawing()?.ranking(settled()) ?? null,
      (side, index) => events.mark(side, index),
      (side, index) => events.reveal(side, index),
    );
    this.#matrix = new MatrixPanel(() => this.#grid(), events);
    const flow = new FlowPanel(() => {
      const drawn = drawing();
      return drawn && { drawing: drawn, focus: settled().focus };
    }, events);
    const pinned = (): boolean => drawing()?.pinned(settled().focus).any ?? false;
    this.#curve = new CurvePanel(host, drawing, pinned, strike);
    const checks = new ChecksPanel(
      () => this.#checked(),
      (group) => this.#testing.measure(group, settled().k),
    );
    this.#whatIf = new WhatIfPanel(host, () => this.#asked(), strike);
    const settings = new SettingsPanel(() => drawing()?.explanation ?? null);
    const panels = [scores, this.#matrix, flow, this.#curve, checks, this.#whatIf, settings];
    this.#tabs = new Tabs(panels);
  }

  get element(): HTMLElement {
    return this.#tabs.element;
  }

  draw(): void {
    this.#tabs.draw();
  }

  follow(): void {
    this.#tabs.follow();
  }

  onPaper(printing: boolean): void {
    this.#tabs.onPaper(printing);
  }

  /** Show anew what is pinned. */
  pins(): void {
    this.#matrix.pins();
  }

  /** New scores came, maybe with the check that was asked for. */
  arrived(explanation: Explanation): void {
    this.#testing.arrived(explanation);
  }

  progress(progress: Progress): void {
    this.#curve.progress(progress);
    this.#whatIf.progress(progress);
    this.#testing.follow();
    if (progress.state === 'failed' || progress.state === 'cancelled') this.#testing.forget();
  }

  answered(found: WhatIf): void {
    this.#whatIf.answered(found);
  }

  /** Another k was chosen: it is tested once the slider rests. */
  chosen(): void {
    this.#tabs.draw();
    this.#testing.settle(() => this.#checked());
  }

  destroy(): void {
    this.#testing.destroy();
  }

  #grid(): Grid | null {
    const drawing = this.#source.drawing();
    if (!drawing) return null;
    // A grid outlives what is pinned when it is drawn.
    const pinned: Grid['pinned'] = ({ side, index }) =>
      this.#source.settled().focus[side].includes(index);
    return { drawing, pinned };
  }

  #asked(): WhatIfSubject | null {
    // What the kernel removes are computed units.
    const drawing = this.#source.drawing()?.computed;
    return drawing ? { drawing, top: drawing.prompt(this.#source.settled()).top } : null;
  }

  #checked(): Checked | null {
    const drawing = this.#source.drawing();
    if (!drawing) return null;
    const { focus, k } = this.#source.settled();
    return this.#testing.state(drawing.explanation, k, drawing.pinned(focus));
  }
}
