import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Token } from '@lumino/coreutils';

/**
 * What a person chose in the settings, as far as the page needs it. The kernel reads default
 * model, method and units from the same settings by itself.
 */
export interface IPreferences {
  readonly runAtOnce: boolean;
}

export const IPreferences = new Token<IPreferences>(
  'jupyter-xai:IPreferences',
  'What a person chose in the settings of explanations.',
);

const SETTINGS = 'jupyter-xai:plugin';

export const preferences: JupyterFrontEndPlugin<IPreferences> = {
  id: 'jupyter-xai:preferences',
  description: 'Follows the settings of explanations.',
  autoStart: true,
  provides: IPreferences,
  optional: [ISettingRegistry],
  activate: (_app: JupyterFrontEnd, registry: ISettingRegistry | null) => {
    const chosen = { runAtOnce: false };
    const follow = ({ composite }: ISettingRegistry.ISettings): void => {
      chosen.runAtOnce = composite.runAtOnce === true;
      // Style sheets do the rest, in every view of the page.
      document.body.dataset.jxaiPalette = String(composite.palette);
    };
    registry
      ?.load(SETTINGS)
      .then((settings) => {
        follow(settings);
        settings.changed.connect(follow);
      })
      .catch((reason: unknown) => console.warn('jupyter-xai: no settings:', reason));
    return chosen;
  },
};
