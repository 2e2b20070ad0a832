import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { jumpTo } from './jump';
import { chapterOf } from './listing';
import { ExplanationPanel } from './panel';

const SHOW = 'xai:show-explanations';

/** A side panel that lists the explanations of all open notebooks. */
export const shelf: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-xai:shelf',
  description: 'Lists the explanations in the open notebooks.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
  ) => {
    let panels: NotebookPanel[] = [];
    const panel = new ExplanationPanel({
      chapters: () => {
        panels = [];
        notebooks.forEach((each) => panels.push(each));
        return panels.map(chapterOf);
      },
      open: (place, { cellId }) => {
        const found = panels[place];
        if (found && !found.isDisposed) void jumpTo(app, found, cellId);
      },
    });
    const refresh = (): void => panel.refresh();
    const follow = (each: NotebookPanel): void => {
      each.content.model?.contentChanged.connect(refresh);
      each.content.modelContentChanged.connect(refresh);
      each.title.changed.connect(refresh);
      each.disposed.connect(refresh);
      refresh();
    };
    notebooks.forEach(follow);
    notebooks.widgetAdded.connect((_, each) => follow(each));

    app.shell.add(panel, 'left', { rank: 450, type: 'XAI' });
    restorer?.add(panel, panel.id);
    app.commands.addCommand(SHOW, {
      label: 'Show Explanations',
      caption: 'List the explanations in the open notebooks',
      execute: () => app.shell.activateById(panel.id),
    });
    palette?.addItem({ command: SHOW, category: 'XAI' });
  },
};
