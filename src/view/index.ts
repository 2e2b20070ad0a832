/*
 * The rooms of the view, from the ground up. Each imports only what stands below it, and wings do
 * not know each other; tests/view/layers.ts holds that.
 *
 *   ../protocol       records as the kernel sends them; generated from jupyter_xai/schema
 *   host              what the kernel side offers, and what it is told; types only
 *   wording/          sentences, numbers and names as a person reads them; pure
 *   model/            what is to be drawn, worked out of a record; pure, no DOM
 *   elements/         parts of a page that know no explanation
 *   pane/             wing: prompt and response as they are read, pointed at and selected
 *   panels/           wing: the details behind tabs, and what they ask of the model
 *   saving/           wing: what can be taken away, as picture, page, text or variable
 *   controls/         wing: what was asked, what can be asked, and the lines around the panes
 *   comparison/       several explanations side by side
 *   explanation-view  the assembly: hands what changed to the parts
 *
 * Whoever is outside comes in here. No package is used: the view also runs in pages without Jupyter.
 */

import type { Comparison } from '../protocol/comparison';
import type { Explanation } from '../protocol/explanation';
import { ComparisonView } from './comparison/comparison-view';
import { ExplanationView } from './explanation-view';
import type { Bundle, Host, Mounted, View, WhatIf } from './host';
import { unpackFromPage } from './model/cells';

export type { Explanation } from '../protocol/explanation';
export type { Comparison } from '../protocol/comparison';
export type {
  Bundle,
  Change,
  Choices,
  FrameReply,
  Host,
  MethodChoice,
  MetricChoice,
  Progress,
  Question,
  Settings,
  View,
  WhatIf,
} from './host';

/**
 * Draw an explanation in an element.
 *
 * Without a host the view shows what was saved, and everything that needs the model is switched
 * off and says why. Without an explanation it waits for the first one. With its own files as text,
 * fetched when they are needed, it can save itself as a page.
 */
export function mount(
  el: HTMLElement,
  explanation: Explanation | null,
  host?: Host,
  bundle?: () => Promise<Bundle>,
): View {
  return new ExplanationView(el, explanation, host ?? null, bundle ?? null);
}

/** Draw several explanations side by side; no kernel is needed. */
export function mountComparison(el: HTMLElement, comparison: Comparison): Mounted {
  return new ComparisonView(el, comparison);
}

/** Draw what a page brings along, in that page. */
export function openPage(): Mounted | null {
  const root = document.getElementById('jxai-root');
  if (!root) return null;
  root.replaceChildren();
  const compared = read('jxai-comparison');
  if (compared) return mountComparison(root, JSON.parse(compared) as Comparison);
  const explanation = unpackFromPage(JSON.parse(read('jxai-explanation')) as Explanation);
  return mount(root, explanation, undefined, ownFiles);
}

/** What an exported notebook holds beside the static HTML of an output. */
interface Held {
  readonly explanation?: Explanation;
  readonly what_if?: WhatIf;
  readonly comparison?: Comparison;
}

/** Draw every output of an exported notebook in its place; what cannot be drawn stays as it is. */
export function openNotebook(): Mounted[] {
  return [...document.querySelectorAll<HTMLElement>('.jxai-place')].flatMap((place) => {
    const before = [...place.childNodes];
    try {
      const held = JSON.parse(place.querySelector('script')?.textContent ?? '{}') as Held;
      place.replaceChildren();
      return [open(place, held)];
    } catch (reason) {
      place.replaceChildren(...before);
      console.warn('jupyter-xai:', reason);
      return [];
    }
  });
}

function open(place: HTMLElement, { explanation, what_if: found, comparison }: Held): Mounted {
  if (comparison) return mountComparison(place, comparison);
  const view = mount(place, explanation ?? null, undefined, ownFiles);
  if (found) view.answered(found);
  return view;
}

/** The view's own files, as the page holds them. */
function ownFiles(): Promise<Bundle> {
  const code = JSON.parse(read('jxai-view')) as string;
  return Promise.resolve({ code, style: read('jxai-style') });
}

function read(id: string): string {
  return document.getElementById(id)?.textContent ?? '';
}
