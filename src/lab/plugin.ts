import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-xai:plugin',
  description: 'Draws explanations in notebooks, with or without their kernel.',
  autoStart: true,
  activate: () => undefined,
};

export default plugin;
