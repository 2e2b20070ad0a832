import type { CellModel, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { JSONExt, type PartialJSONObject } from '@lumino/coreutils';
import type { Kept } from '../widget/keeping';
import { LIVE_MIME_TYPE, MIME_TYPE } from './mime';

interface Place {
  readonly cellId: string;
  readonly outputs: ICodeCellModel['outputs'];
  readonly index: number;
}

/** Which widget draws an output, if one does. */
export function widgetOf({ data }: { readonly data: unknown }): string | undefined {
  const live = (data as Record<string, unknown>)[LIVE_MIME_TYPE];
  return (live as { model_id?: string } | undefined)?.model_id;
}

/** The outputs of a notebook that a widget draws. */
export function* outputsOf(panel: NotebookPanel, widget: string): Generator<Place> {
  for (const cell of panel.content.model?.cells ?? []) {
    if (cell.type !== 'code') continue;
    const { outputs } = cell as unknown as ICodeCellModel;
    for (let index = 0; index < outputs.length; index += 1) {
      const cellId = (cell as unknown as CellModel).id;
      if (widgetOf(outputs.get(index)) === widget) yield { cellId, outputs, index };
    }
  }
}

/**
 * Have the notebook save what a widget shows now. Setting an output, unlike changing one, reaches
 * what is saved in all versions of JupyterLab; in none it can be undone.
 */
export function keep(panel: NotebookPanel, widget: string, kept: Kept): void {
  for (const { outputs, index } of outputsOf(panel, widget)) {
    const before = outputs.get(index).toJSON();
    const data = { ...(before.data as object), ...kept.data };
    const { [MIME_TYPE]: _, ...others } = before.metadata as Record<string, unknown>;
    const metadata = { ...others, ...kept.metadata };
    const now = { ...before, data, metadata } as PartialJSONObject & typeof before;
    // A notebook that is only looked at is not changed by it.
    if (!JSONExt.deepEqual(before as PartialJSONObject, now)) outputs.set(index, now);
  }
}
