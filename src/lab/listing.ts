import type { CellModel, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IOutputModel } from '@jupyterlab/rendermime';
import type { Explanation } from '../view';
import { excerpt } from '../view/wording/format';
import { MIME_TYPE } from './mime';
import { stripOf, type Segment } from './strip';

/** One explanation as the side panel lists it. */
export interface Entry {
  readonly cellId: string;
  readonly method: string;
  readonly model: string;
  readonly response: string;
  readonly strip: readonly Segment[];
}

/** The explanations of one notebook. */
export interface Chapter {
  readonly title: string;
  readonly path: string;
  readonly entries: readonly Entry[];
}

/** Explanations are long, and notebooks change with every key: each output is read once. */
const known = new WeakMap<IOutputModel, Omit<Entry, 'cellId'> | null>();

export function chapterOf(panel: NotebookPanel): Chapter {
  const entries: Entry[] = [];
  for (const cell of panel.content.model?.cells ?? []) {
    if (cell.type !== 'code') continue;
    const { outputs } = cell as unknown as ICodeCellModel;
    for (let index = 0; index < outputs.length; index += 1) {
      const entry = entryOf(outputs.get(index));
      if (entry) entries.push({ cellId: (cell as unknown as CellModel).id, ...entry });
    }
  }
  return { title: panel.title.label, path: panel.context.path, entries };
}

function entryOf(output: IOutputModel): Omit<Entry, 'cellId'> | null {
  const before = known.get(output);
  if (before !== undefined) return before;
  const explanation = output.data[MIME_TYPE] as unknown as Explanation | undefined;
  const entry = explanation ? summary(explanation) : null;
  known.set(output, entry);
  output.changed.connect(forget);
  return entry;
}

function forget(output: IOutputModel): void {
  output.changed.disconnect(forget);
  known.delete(output);
}

function summary(explanation: Explanation): Omit<Entry, 'cellId'> {
  const { method, model, noise, prompt, response, total } = explanation;
  return {
    method: method.name,
    model: model.name,
    response: excerpt(response.units.map(({ text }) => text).join(''), 80),
    strip: stripOf(prompt.units, total, noise ?? 0),
  };
}
