import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Cell, CodeCell } from '@jupyterlab/cells';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { IStatusBar } from '@jupyterlab/statusbar';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { h, setText } from '../view/elements/dom';
import { jumpTo } from './jump';
import { outputsOf } from './outputs';
import { brief, doneWith, KernelProcesses, toldBy, type Told } from './progress';

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
      const cellId = cellOf(run);
      if (cellId) void jumpTo(app, run.panel, cellId);
      else app.shell.activateById(run.panel.id);
    });
    const follow = (panel: NotebookPanel): void => {
      const processes = new KernelProcesses();
      panel.sessionContext.iopubMessage.connect((_, message) => {
        if (!processes.isAlive(message)) return;
        const told = toldBy(message);
        if (told) item.tell({ panel, ...told });
        const done = doneWith(message);
        if (done) item.end(done);
      });
      // What a kernel did not finish before it ended, it never will.
      panel.sessionContext.statusChanged.connect((_, now) => {
        if (!OVER.has(now)) return;
        processes.end();
        item.forget(panel);
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

interface Run extends Told {
  readonly panel: NotebookPanel;
}

/** The cell that shows the run's widget, or runs. */
function cellOf({ panel, run, cause }: Run): string | undefined {
  const [place] = outputsOf(panel, run);
  if (place) return place.cellId;
  const cells = panel.content.widgets as readonly (Cell & Partial<Pick<CodeCell, 'outputArea'>>)[];
  return cells.find((cell) => cell.outputArea?.future?.msg.header.msg_id === cause)?.model.id;
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
    if (run.progress.state === 'running') this.#runs.set(run.run, run);
    else this.#runs.delete(run.run);
    this.#draw();
  }

  end(run: string): void {
    if (this.#runs.delete(run)) this.#draw();
  }

  forget(panel: NotebookPanel): void {
    for (const [key, run] of this.#runs) if (run.panel === panel) this.#runs.delete(key);
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
