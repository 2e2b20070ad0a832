import { showErrorMessage } from '@jupyterlab/apputils';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { loadsMagics } from './prompt-cell';

/** Loads the magics where they are not loaded yet; unlike %load_ext it prints nothing. */
const LOAD = 'get_ipython().extension_manager.load_extension("jupyter_xai")';

/** Run the cells from `first` to `last`, in a kernel that knows the magics. */
export async function runPrompt(panel: NotebookPanel, first: number, last = first): Promise<void> {
  const { content: notebook, sessionContext } = panel;
  const cells = notebook.widgets.slice(first, last + 1);
  const loads = cells.some(({ model }) => loadsMagics(model.sharedModel.getSource()));
  if (!loads && !(await loaded(panel))) return;
  notebook.deselectAll();
  notebook.activeCellIndex = first;
  if (last > first) notebook.extendContiguousSelectionTo(last);
  const ended = NotebookActions.run(notebook, sessionContext);
  notebook.deselectAll();
  notebook.activeCellIndex = last;
  await ended;
}

async function loaded({ sessionContext }: NotebookPanel): Promise<boolean> {
  await sessionContext.ready;
  const kernel = sessionContext.session?.kernel;
  // Without a kernel, running the cell offers to start one.
  if (!kernel) return true;
  const asked = kernel.requestExecute({ code: LOAD, silent: true, store_history: false });
  const { content } = await asked.done;
  if (content.status !== 'error') return true;
  await showErrorMessage(
    'The kernel has no jupyter-xai',
    `${content.ename}: ${content.evalue}. Install it where the kernel runs: %pip install jupyter-xai`,
  );
  return false;
}

/** Whether the notebook's kernel speaks Python; true as long as nobody knows. */
export function speaksPython(panel: NotebookPanel): boolean {
  const language = panel.content.model?.defaultKernelLanguage;
  return !language || /^i?python/i.test(language);
}
