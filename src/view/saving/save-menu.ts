import { button, h, setText } from '../elements/dom';
import { inkOf } from '../elements/ink';
import { Popover } from '../elements/popover';
import type { Bundle, Host } from '../host';
import { asPlainJson } from '../model/cells';
import type { Drawing, Settled } from '../model/drawing';
import { copy, download, raster } from './export';
import { FrameForm } from './frame-form';
import { htmlPage } from './html-page';
import { picture } from './picture';
import { reportText } from './report';

export interface SaveSource {
  readonly drawing: Drawing;
  readonly settled: Settled;
}

const NO_BUNDLE = 'Here the kernel has to write it: e.html("page.html").';

/** Everything that can be taken away from a view, in one menu. */
export class SaveMenu {
  readonly popover: Popover;
  readonly #source: () => SaveSource | null;
  readonly #near: HTMLElement;
  readonly #line = h('p', { class: 'jxai-save-line', role: 'status' });

  constructor(
    host: Host | null,
    bundle: (() => Promise<Bundle>) | null,
    near: HTMLElement,
    source: () => SaveSource | null,
  ) {
    this.#near = near;
    this.#source = source;
    const page = this.#item('Page', 'HTML, this view as one file', async (taken) => {
      if (!bundle) return '';
      return this.#download(
        taken,
        'html',
        'text/html',
        htmlPage(taken.drawing.explanation, await bundle(), this.#text(taken)),
      );
    });
    if (!bundle) disable(page, NO_BUNDLE);
    const items = [
      this.#item('Text', 'to the clipboard', (taken) => this.#copy(taken)),
      this.#item('JSON', 'everything; xai.open reads it', (taken) => {
        const text = `${JSON.stringify(asPlainJson(taken.drawing.explanation), null, 1)}\n`;
        return this.#download(taken, 'xai.json', 'application/json', text);
      }),
      page,
      this.#item('SVG', 'a drawing of prompt and answer', (taken) =>
        this.#download(taken, 'svg', 'image/svg+xml', this.#picture(taken)),
      ),
      this.#item('PNG', 'the same as an image', (taken) => this.#image(taken)),
    ];
    const frame = new FrameForm(host);
    this.popover = new Popover('Save', 'Save', ...items, this.#line, frame.element);
  }

  #item(
    name: string,
    what: string,
    act: (taken: SaveSource) => string | Promise<string>,
  ): HTMLButtonElement {
    const item = button('', () => void this.#run(act));
    item.classList.add('jxai-item');
    item.append(h('b', {}, name), ' ', h('span', {}, what));
    return item;
  }

  async #run(act: (taken: SaveSource) => string | Promise<string>): Promise<void> {
    const taken = this.#source();
    if (!taken) return;
    setText(this.#line, '');
    try {
      setText(this.#line, await act(taken));
    } catch (reason) {
      setText(this.#line, `That failed: ${reason instanceof Error ? reason.message : 'unknown'}.`);
    }
  }

  #text({ drawing, settled }: SaveSource): string {
    return reportText(drawing.explanation, drawing.computed.table, settled.k);
  }

  async #copy(taken: SaveSource): Promise<string> {
    const done = await copy(this.#text(taken), this.#near);
    return done ? 'Copied.' : 'The browser does not allow it.';
  }

  #picture({ drawing, settled }: SaveSource): string {
    return picture(drawing, settled, inkOf(this.#near));
  }

  async #image(taken: SaveSource): Promise<string> {
    return this.#download(taken, 'png', 'image/png', await raster(this.#picture(taken)));
  }

  #download({ drawing }: SaveSource, ending: string, type: string, content: string | Blob): string {
    const name = `${drawing.explanation.method.name}.${ending}`;
    download(name, type, content);
    return `Saved as ${name}.`;
  }
}

function disable(item: HTMLButtonElement, why: string): void {
  item.disabled = true;
  item.title = why;
  item.lastElementChild?.replaceChildren(why);
}
