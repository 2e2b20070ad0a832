import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { h, setText } from '../view/dom';
import type { Progress } from '../view';
import { jumpTo } from './jump';
import { outputsOf } from './outputs';
import { brief, toldBy } from './progress';

/** An item in the status bar while a kernel computes an explanation. Notebook 7 has no such bar. */
export const status: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-xai:status',
  description: 'Shows in the status bar how far a run is.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [IStatusBar],
  activate: (app: JupyterFrontEnd, notebooks: INotebookTracker, bar: IStatusBar | null) => {
    if (!bar) return;
    const item = new RunItem((run) => {
      // The cell that shows the widget of the run.
      const [place] = outputsOf(run.panel, run.widget);
      if (place) void jumpTo(app, run.panel, place.cellId);
    });
    const follow = (panel: NotebookPanel): void => {
      panel.sessionContext.iopubMessage.connect((_, message) => {
        const told = toldBy(message);
        if (told) item.tell({ panel, ...told });
      });
      // What a kernel did not finish before it ended, it never will.
      panel.sessionContext.statusChanged.connect((_, now) => {
        if (OVER.has(now)) item.forget(panel);
      });
      panel.sessionContext.kernelChanged.connect(() => item.forget(panel));
      panel.disposed.connect(() => item.forget(panel));
    };
    notebooks.forEach(follow);
    notebooks.widgetAdded.connect((_, panel) => follow(panel));
    bar.registerStatusItem('jupyter-xai:progress', {
      item,
      align: 'left',
      rank: 50,
      isActive: () => item.isActive,
      activeStateChanged: item.activeStateChanged,
    });
  },
};

const OVER: ReadonlySet<Kernel.Status> = new Set([
  'restarting',
  'autorestarting',
  'terminating',
  'dead',
]);

interface Run {
  readonly panel: NotebookPanel;
  readonly widget: string;
  readonly progress: Progress;
}

class RunItem extends Widget {
  readonly activeStateChanged = new Signal<this, void>(this);
  readonly #runs = new Map<string, Run>();
  readonly #button: HTMLButtonElement;

  constructor(open: (run: Run) => void) {
    super();
    this.#button = h('button', { type: 'button', class: 'jxai-status-item' });
    this.#button.addEventListener('click', () => {
      const [run] = this.#runs.values();
      if (run) open(run);
    });
    this.node.append(this.#button);
  }

  get isActive(): boolean {
    return this.#runs.size > 0;
  }

  tell(run: Run): void {
    if (run.progress.state === 'running') this.#runs.set(run.widget, run);
    else this.#runs.delete(run.widget);
    this.#draw();
  }

  forget(panel: NotebookPanel): void {
    for (const [widget, run] of this.#runs) if (run.panel === panel) this.#runs.delete(widget);
    this.#draw();
  }

  #draw(): void {
    const [run] = this.#runs.values();
    if (run) {
      const others = this.#runs.size > 1 ? ` (+${this.#runs.size - 1})` : '';
      setText(this.#button, `XAI ${brief(run.progress)}${others}`);
      const what = [run.panel.title.label, run.progress.message].filter(Boolean).join(': ');
      this.#button.title = `${what}. Click to go there.`;
    }
    this.activeStateChanged.emit();
  }
}
