import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';
import { mountComparison, type Comparison } from '../view';
import { drawOrTell } from './damaged';
import { COMPARISON_MIME_TYPE } from './mime';

/** Draws a comparison that was saved with the notebook; it needs no kernel. */
export class ComparisonRenderer extends Widget implements IRenderMime.IRenderer {
  #drawn: { destroy(): void } | null = null;

  constructor() {
    super();
    this.addClass('jxai-output');
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.#drawn?.destroy();
    const comparison = model.data[COMPARISON_MIME_TYPE] as unknown as Comparison;
    this.#drawn = null;
    drawOrTell(this.node, () => {
      this.#drawn = mountComparison(this.node, comparison);
    });
    return Promise.resolve();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.#drawn?.destroy();
    super.dispose();
  }
}
