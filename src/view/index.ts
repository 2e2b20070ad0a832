import type { Explanation } from '../protocol';
import type { Host, View } from './types';
import { ExplanationView } from './view';

export type { Explanation } from '../protocol';
export type { Choices, Host, MethodChoice, Progress, Settings, View } from './types';

/**
 * Draw an explanation in an element.
 *
 * Without a host the view shows what was saved, and everything that needs the model is switched
 * off and says why. Without an explanation it waits for the first one.
 */
export function mount(el: HTMLElement, explanation: Explanation | null, host?: Host): View {
  return new ExplanationView(el, explanation, host ?? null);
}
