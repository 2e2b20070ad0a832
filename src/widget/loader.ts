import type { AnyModel, RenderProps } from '@anywidget/types';
import type { Bundle, Explanation } from '../view';

/**
 * All of the front end that a widget's own state holds, and so a notebook that is saved with the
 * state of its widgets. The code comes from the kernel: in the message that opens the widget, later
 * when it is asked for. A page runs it once, for all widgets in it.
 */
interface State {
  /** Which code draws this widget, and, until a page has taken it, the code itself. */
  front_end: Partial<Bundle> & { id: string };
  result: { explanation: Explanation | null };
}

type Props = RenderProps<State>;
type Drawing = (props: Props & { bundle: Bundle }) => () => void;
interface Code extends Bundle {
  readonly draw: Drawing;
}

const page = globalThis as { jupyterXai?: Map<string, Promise<Code>> };
/** Of every version of the code one: kernels of a page may be of several. */
const known = (page.jupyterXai ??= new Map());

async function run({ code, style }: Bundle): Promise<Code> {
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const { default: widget } = (await import(url)) as { default: { render: Drawing } };
  URL.revokeObjectURL(url);
  return { code, style, draw: widget.render };
}

function keep(id: string, bundle: Bundle): Promise<Code> {
  const before = known.get(id);
  if (before) return before;
  const made = run(bundle);
  known.set(id, made);
  made.catch(() => known.delete(id));
  return made;
}

/** The code as the kernel sends it now; never, where there is no kernel. */
function asked(model: AnyModel<State>, id: string): Promise<Code> {
  return new Promise((resolve) => {
    const answer = (message: { kind?: string } & Bundle): void => {
      if (message.kind !== 'front-end') return;
      model.off('msg:custom', answer);
      resolve(keep(id, message));
    };
    model.on('msg:custom', answer);
    model.send({ kind: 'front-end' });
  });
}

/** What can be said without the code: each part of the prompt and its score. */
function plainly(model: AnyModel<State>): HTMLElement {
  const drawn = document.createElement('pre');
  drawn.style.whiteSpace = 'pre-wrap';
  drawn.style.overflowWrap = 'anywhere';
  const found = model.get('result')?.explanation;
  const sources = found?.prompt.units.filter((unit) => !unit.protected) ?? [];
  const lines = sources.map(({ text }, row) => `${found?.total[row] ?? '–'}\t${text.trim()}`);
  drawn.textContent = lines.join('\n');
  return drawn;
}

async function render(props: Props): Promise<() => void> {
  const { model, el } = props;
  const { id, code, style } = model.get('front_end');
  if (code !== undefined && style !== undefined) {
    void keep(id, { code, style });
    // The kernel then takes it out of the widget's state.
    model.send({ kind: 'taken' });
  }
  if (!known.has(id)) el.append(plainly(model));
  const found = await (known.get(id) ?? asked(model, id));
  const root = el.getRootNode();
  const home = root instanceof ShadowRoot ? root : document.head;
  if (!home.querySelector(`[data-jxai-style="${id}"]`)) {
    const sheet = document.createElement('style');
    sheet.dataset.jxaiStyle = id;
    sheet.textContent = found.style;
    home.append(sheet);
  }
  el.replaceChildren();
  return found.draw({ ...props, bundle: { code: found.code, style: found.style } });
}

export default { render };
