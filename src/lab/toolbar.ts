import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ToolbarButton } from '@jupyterlab/ui-components';
import { xaiIcon } from './icon';
import { isPrompt } from './prompt-cell';
import { runPrompt } from './run';

/** A button in the toolbar of cells that hold a prompt; the schema says where it stands. */
export const toolbar: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-xai:toolbar',
  description: 'Adds "Run and explain" to the toolbar of prompts.',
  autoStart: true,
  requires: [INotebookTracker, IToolbarWidgetRegistry],
  activate: (
    _app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    registry: IToolbarWidgetRegistry,
  ) => {
    registry.addFactory<Cell>('Cell', 'xai-run', (cell) => new RunButton(cell, notebooks));
  },
};

class RunButton extends ToolbarButton {
  readonly #cell: Cell;

  constructor(cell: Cell, notebooks: INotebookTracker) {
    super({
      icon: xaiIcon,
      tooltip: 'Run and explain',
      // JupyterLab 4.0 hides buttons here that do not name the kinds of cells they are for.
      className: 'jp-cell-all',
      onClick: () => {
        const panel = notebooks.find(({ content }) => content.widgets.includes(cell));
        const index = panel?.content.widgets.indexOf(cell) ?? -1;
        if (panel && index >= 0) void runPrompt(panel, index);
      },
    });
    this.#cell = cell;
    this.#update();
    cell.model.contentChanged.connect(this.#update, this);
  }

  readonly #update = (): void => {
    const { type, sharedModel } = this.#cell.model;
    this.setHidden(type !== 'code' || !isPrompt(sharedModel.getSource()));
  };
}
