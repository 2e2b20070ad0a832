import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { xaiIcon } from './icon';
import { scrollTo } from './jump';
import { IPreferences } from './preferences';
import { isPrompt, loadsMagics, LOAD_MAGICS, promptSource } from './prompt-cell';
import { runPrompt, speaksPython } from './run';
import { markedText } from './selection';

const EXPLAIN = 'xai:explain-selection';

/** "Explain with XAI": what is marked, or else the whole cell, becomes a prompt of its own. */
export const commands: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-xai:commands',
  description: 'Explains what is selected in a notebook.',
  autoStart: true,
  requires: [INotebookTracker, IPreferences],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    preferences: IPreferences,
    palette: ICommandPalette | null,
  ) => {
    const makesSense = (): boolean => {
      const panel = notebooks.currentWidget;
      return panel !== null && promptOf(panel) !== '';
    };
    app.commands.addCommand(EXPLAIN, {
      label: 'Explain with XAI',
      caption: 'Put the selected text, or the whole cell, into a new cell that explains it',
      icon: xaiIcon,
      isEnabled: makesSense,
      isVisible: makesSense,
      execute: async () => {
        const panel = notebooks.currentWidget;
        const text = panel ? promptOf(panel) : '';
        if (!panel || !text) return;
        const [first, last] = await insertPrompt(panel, text);
        if (preferences.runAtOnce) await runPrompt(panel, first, last);
      },
    });
    palette?.addItem({ command: EXPLAIN, category: 'XAI' });
    // A menu asks when it opens; the palette must be told.
    notebooks.activeCellChanged.connect(() => app.commands.notifyCommandChanged(EXPLAIN));
    notebooks.currentChanged.connect(() => app.commands.notifyCommandChanged(EXPLAIN));
  },
};

/** The text that would be explained; empty where there is none, or where it cannot be. */
function promptOf(panel: NotebookPanel): string {
  const cell = panel.content.activeCell;
  if (!cell || panel.content.model?.readOnly || !speaksPython(panel)) return '';
  const marked = markedText(cell);
  const source = cell.model.sharedModel.getSource();
  // A cell that is a prompt already explains itself when it is run.
  return marked || isPrompt(source) || !source.trim() ? marked : source;
}

/** Put the prompt below the active cell and go there; where it and what it needs stand. */
async function insertPrompt(panel: NotebookPanel, text: string): Promise<[number, number]> {
  const notebook = panel.content;
  const first = notebook.activeCellIndex + 1;
  const above = notebook.widgets.slice(0, first);
  const known = above.some(({ model }) => loadsMagics(model.sharedModel.getSource()));
  const sources = known ? [promptSource(text)] : [LOAD_MAGICS, promptSource(text)];
  notebook.model?.sharedModel.insertCells(
    first,
    sources.map((source) => ({ cell_type: 'code', source, metadata: { trusted: true } })),
  );
  const last = first + sources.length - 1;
  notebook.mode = 'command';
  notebook.deselectAll();
  notebook.activeCellIndex = last;
  await scrollTo(notebook, last);
  return [first, last];
}
