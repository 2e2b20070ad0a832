import type { AnyModel, RenderProps } from '@anywidget/types';
import { mount, type Bundle, type Comparison, type WhatIf } from '../view';
import { Keeping } from './keeping';
import { Session } from './session';
import type { State } from './state';

/** Hand the view to anywidget: traits in, requests out. The loader has the view's own files. */
function render({ model, el, ...others }: RenderProps<State> & { bundle?: Bundle }): () => void {
  const files = others.bundle ?? bundleOf(model);
  const bundle = files && ((): Promise<Bundle> => Promise.resolve(files));
  const session = new Session(model);
  const keeping = new Keeping(model, el);
  let view = mount(el, model.get('result')?.explanation ?? null, session, bundle);

  const onResult = (): void => {
    const result = model.get('result');
    if (result && !session.isStale(result.request)) view.update(result.explanation);
  };
  const onProgress = (): void => {
    const progress = model.get('progress');
    // The trait is empty until the kernel has something to tell.
    if (!progress?.state || session.isStale(progress.request)) return;
    session.follow(progress.state);
    view.progress(progress);
    keeping.answered();
  };
  const onWhatIf = (): void => {
    const found = model.get('what_if');
    if (found?.request !== undefined && !session.isStale(found.request)) {
      view.answered(found as WhatIf);
      keeping.answered();
    }
  };
  const onCompared = (): void => {
    const found = model.get('compared');
    if (found?.request !== undefined && !session.isStale(found.request)) {
      view.compared(found as Comparison);
    }
  };
  const listeners = [
    ['change:result', onResult],
    ['change:choices', onResult],
    ['change:progress', onProgress],
    ['change:what_if', onWhatIf],
    ['change:compared', onCompared],
  ] as const;
  for (const [event, listener] of listeners) model.on(event, listener);
  // ipywidgets says so when the kernel restarts: nobody would answer this view's questions then.
  const onGone = (): void => {
    release();
    view.destroy();
    view = mount(el, model.get('result')?.explanation ?? null, undefined, bundle);
  };
  const release = (): void => {
    for (const [event, listener] of listeners) model.off(event, listener);
    model.off('comm_live_update', onGone);
    keeping.destroy();
  };
  model.on('comm_live_update', onGone);
  onProgress();
  onWhatIf();

  return () => {
    release();
    view.destroy();
  };
}

/** Where no loader is between: marimo, and while somebody works on the view. */
function bundleOf(model: AnyModel<State>): Bundle | undefined {
  const [code, style] = [model.get('_esm'), model.get('_css')];
  return code && style ? { code, style } : undefined;
}

/** For pages that the view saves itself as: they bring this very module along. */
export { openPage } from '../view';
export default { render };
