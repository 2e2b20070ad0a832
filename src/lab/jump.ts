import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Notebook, NotebookPanel } from '@jupyterlab/notebook';

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
  await scrollTo(notebook, index);
  notebook.activate();
}

/** Bring a cell to where it can be read. */
export async function scrollTo(notebook: Notebook, index: number): Promise<void> {
  // Refused when something else scrolls meanwhile, which is then what the reader wants.
  await notebook.scrollToItem(index, 'start').catch(() => undefined);
}
