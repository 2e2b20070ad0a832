import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { commands } from './commands';
import { ComparisonRenderer } from './comparison';
import { COMPARISON_MIME_TYPE, MIME_TYPE } from './mime';
import { preferences } from './preferences';
import { ExplanationRenderer } from './renderer';
import { shelf } from './shelf';
import { status } from './status';
import { toolbar } from './toolbar';
import { tutorials } from './tutorials';

/** Before the renderer of live widgets, which stands at -10. */
const RANK = -20;

const drawing: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-xai:plugin',
  description: 'Draws explanations in notebooks, with their kernel and without.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker],
  activate: (
    _app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    notebooks: INotebookTracker | null,
  ) => {
    rendermime.addFactory(
      {
        // Text is only ever put in as text, so that untrusted notebooks may be drawn too.
        safe: true,
        mimeTypes: [MIME_TYPE],
        createRenderer: () => new ExplanationRenderer(notebooks),
      },
      RANK,
    );
    rendermime.addFactory(
      {
        safe: true,
        mimeTypes: [COMPARISON_MIME_TYPE],
        createRenderer: () => new ComparisonRenderer(),
      },
      RANK,
    );
  },
};

export default [drawing, preferences, commands, toolbar, shelf, status, tutorials];
