import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { Kernel } from '@jupyterlab/services';
import type { Message } from '@lumino/messaging';
import { Panel, Widget } from '@lumino/widgets';
import { mount, type Explanation, type View, type WhatIf } from '../view';
import { KEPT, type Kept } from '../widget/keeping';
import { drawOrTell } from './damaged';
import { LIVE_MIME_TYPE, MIME_TYPE } from './mime';
import { keep, widgetOf } from './outputs';
import { shippedBundle } from './shipped';

/**
 * Draws the explanation that was saved with the notebook at once, and puts the live view in its
 * place when the notebook is trusted and its kernel still knows the model. What the live view shows
 * is kept in the notebook.
 *
 * ipywidgets alone would show "model not found" whenever a notebook is opened again.
 */
export class ExplanationRenderer extends Panel implements IRenderMime.IRenderer {
  readonly #notebooks: INotebookTracker | null;
  #model: IRenderMime.IMimeModel | null = null;
  #saved: SavedView | null = null;
  #live: Widget | null = null;
  #sought = false;

  constructor(notebooks: INotebookTracker | null) {
    super();
    this.#notebooks = notebooks;
    this.addClass('jxai-output');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const before = this.#model;
    this.#model = model;
    // The live view shows what was saved just now; drawn anew, its reader would lose their place.
    if (this.#live && before && widgetOf(before) === widgetOf(model)) return;
    this.#sought = false;
    this.#live = null;
    const saved = new SavedView(model);
    for (const widget of [...this.widgets]) widget.dispose();
    this.#saved = saved;
    this.addWidget(saved);
    if (this.isAttached) await this.#seekLive();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    // An output without its live view is complete, so a failure to get one is no failure.
    this.#seekLive().catch((reason: unknown) => console.warn('jupyter-xai:', reason));
  }

  async #seekLive(): Promise<void> {
    const model = this.#model;
    if (this.#sought || !model?.trusted || !(LIVE_MIME_TYPE in model.data)) return;
    const panel = this.#notebooks?.find((candidate) => candidate.node.contains(this.node));
    if (!panel) return;
    this.#sought = true;
    await panel.sessionContext.ready;
    // Only when the kernel has told who it is has ipywidgets bound its manager to it.
    const kernel = panel.sessionContext.session?.kernel;
    await kernel?.info;
    if (!kernel || !(await hasModel(kernel, model))) return;
    if (this.isDisposed || model !== this.#model) return;

    const live = panel.content.rendermime.createRenderer(LIVE_MIME_TYPE);
    live.node.dataset.jxaiRenderer = 'live';
    live.node.addEventListener(KEPT, (event) => {
      const id = widgetOf(model);
      if (id) keep(panel, id, (event as CustomEvent<Kept>).detail);
    });
    live.hide();
    this.addWidget(live);
    const watcher = new MutationObserver(() => this.#showLive(live, watcher));
    watcher.observe(live.node, { childList: true, subtree: true });
    live.disposed.connect(() => watcher.disconnect());
    await live.renderModel(model);
    this.#showLive(live, watcher);
  }

  /** The manager may restore its models long after it was asked, or never. */
  #showLive(live: Widget, watcher: MutationObserver): void {
    if (live.isDisposed || live.isVisible || !live.node.querySelector('.jxai-view')) return;
    watcher.disconnect();
    this.#saved?.dispose();
    this.#saved = null;
    this.#live = live;
    live.show();
  }
}

/** Asking ipywidgets for a model that is gone would end in an error on the console. */
async function hasModel(
  kernel: Kernel.IKernelConnection,
  model: IRenderMime.IMimeModel,
): Promise<boolean> {
  // A busy kernel answers late, and it is most likely the one that shows this output just now.
  if (kernel.status === 'busy') return true;
  const id = widgetOf(model);
  const reply = await kernel.requestCommInfo({ target_name: 'jupyter.widget' });
  const { content } = reply;
  return id !== undefined && content.status === 'ok' && id in content.comms;
}

class SavedView extends Widget {
  #view: View | null = null;

  constructor({ data, metadata }: IRenderMime.IMimeModel) {
    super();
    this.node.dataset.jxaiRenderer = 'saved';
    const explanation = data[MIME_TYPE] as unknown as Explanation;
    const beside = metadata[MIME_TYPE] as { what_if?: unknown } | undefined;
    drawOrTell(this.node, () => {
      // Without an explanation the view would wait for one.
      if (!explanation) throw new TypeError('it is empty');
      this.#view = mount(this.node, explanation, undefined, shippedBundle);
      if (beside?.what_if) this.#view.answered(beside.what_if as WhatIf);
    });
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#view?.destroy();
    super.dispose();
  }
}
