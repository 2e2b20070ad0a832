import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { INotebookTracker } from '@jupyterlab/notebook';
import {
  addCommandToolbarButtonClass,
  ReactWidget,
  ToolbarButtonComponent,
} from '@jupyterlab/ui-components';
import { createElement } from 'react';
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

/** A plain button: JupyterLab's `ToolbarButton` is a switch that stays pressed, and is read so. */
class RunButton extends ReactWidget {
  readonly #cell: Cell;
  readonly #run: () => void;

  constructor(cell: Cell, notebooks: INotebookTracker) {
    super();
    // As the buttons beside it: what is styled as `ToolbarButton` is hidden here by JupyterLab 4.0.
    addCommandToolbarButtonClass(this);
    this.#cell = cell;
    this.#run = () => {
      const panel = notebooks.find(({ content }) => content.widgets.includes(cell));
      const index = panel?.content.widgets.indexOf(cell) ?? -1;
      if (panel && index >= 0) void runPrompt(panel, index);
    };
    this.#update();
    cell.model.contentChanged.connect(this.#update, this);
  }

  protected override render() {
    return createElement(ToolbarButtonComponent, {
      icon: xaiIcon,
      tooltip: 'Run and explain',
      onClick: this.#run,
    });
  }

  readonly #update = (): void => {
    const { type, sharedModel } = this.#cell.model;
    this.setHidden(type !== 'code' || !isPrompt(sharedModel.getSource()));
  };
}
