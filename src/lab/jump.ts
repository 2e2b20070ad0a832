import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { NotebookPanel } from '@jupyterlab/notebook';

/** Bring a cell before the reader, who then stands in it with the keyboard, too. */
export async function jumpTo(
  app: JupyterFrontEnd,
  panel: NotebookPanel,
  cellId: string,
): Promise<void> {
  const notebook = panel.content;
  const index = notebook.widgets.findIndex(({ model }) => model.id === cellId);
  if (index < 0) return;
  app.shell.activateById(panel.id);
  notebook.mode = 'command';
  notebook.deselectAll();
  notebook.activeCellIndex = index;
  // Far cells of long notebooks are no part of the page until they are asked for.
  await notebook.scrollToItem(index, 'start');
  notebook.activate();
}
