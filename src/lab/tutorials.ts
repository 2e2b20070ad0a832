import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import type { Contents } from '@jupyterlab/services';
import { xaiIcon } from './icon';
import { shipped } from './shipped';

const OPEN = 'xai:open-tutorial';

/** The notebooks that are installed with the extension: file names without their ending. */
const TUTORIALS = [
  {
    name: 'quickstart',
    title: 'XAI Quickstart',
    caption: 'Which parts of a prompt caused an answer',
  },
] as const;

/** Cards in the launcher, and commands, that open a copy of a tutorial. Notebook 7 has no launcher. */
export const tutorials: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-xai:tutorials',
  description: 'Opens copies of the tutorials.',
  autoStart: true,
  optional: [ILauncher, ICommandPalette, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    launcher: ILauncher | null,
    palette: ICommandPalette | null,
    browser: IDefaultFileBrowser | null,
  ) => {
    const found = (name: unknown) => TUTORIALS.find((each) => each.name === name) ?? TUTORIALS[0];
    app.commands.addCommand(OPEN, {
      label: ({ name, isPalette }) => `${isPalette ? 'Open ' : ''}${found(name).title}`,
      caption: ({ name }) => found(name).caption,
      icon: ({ isPalette }) => (isPalette ? undefined : xaiIcon),
      execute: async ({ name, cwd }) => {
        const folder = String(cwd ?? browser?.model.path ?? '');
        const { contents } = app.serviceManager;
        const path = await copy(contents, folder, found(name).name);
        return app.commands.execute('docmanager:open', { path, factory: 'Notebook' });
      },
    });
    TUTORIALS.forEach(({ name }, rank) => {
      launcher?.add({ command: OPEN, args: { name }, category: 'XAI', rank });
      palette?.addItem({ command: OPEN, args: { name, isPalette: true }, category: 'XAI' });
    });
  },
};

/** Write the tutorial into a folder, under a name that is free; its path. */
async function copy(contents: Contents.IManager, folder: string, name: string): Promise<string> {
  const content = (await (await shipped(`notebooks/${name}.ipynb`)).json()) as unknown;
  const { path: made } = await contents.newUntitled({ path: folder, type: 'notebook' });
  await contents.save(made, { type: 'notebook', format: 'json', content });
  const { content: listed } = await contents.get(folder, { content: true });
  const taken = new Set((listed as Contents.IModel[]).map((each) => each.name));
  let free = `${name}.ipynb`;
  for (let number = 1; taken.has(free); number += 1) free = `${name}-${number}.ipynb`;
  // Renaming never replaces a file: should somebody be quicker, the copy keeps its first name.
  return contents.rename(made, PathExt.join(folder, free)).then(
    ({ path }) => path,
    () => made,
  );
}
