import { Choice } from '../elements/choice';
import { Popover } from '../elements/popover';
import { Slider } from '../elements/slider';

/** How many times the shades are lifted. */
const STEPS = [0.5, 1, 2, 4, 8];

/** How scores are made visible: rarely changed, so that it stands behind a button. */
export class Appearance {
  readonly popover: Popover;

  /** Calls back with what was chosen: how far shades are lifted, and whether text is underlined. */
  constructor(onChange: (intensity: number, underline: boolean) => void) {
    let underline = false;
    const intensity = new Slider('intensity', (lift) => onChange(lift, underline));
    intensity.set({ steps: STEPS, value: 1, text: (lift) => `× ${lift}`, why: '' });
    const shading = new Choice('scores are shown by', (chosen) => {
      underline = chosen === 'underline';
      onChange(intensity.value, underline);
    });
    const shadings = ['highlight', 'underline'].map((value) => ({ value, text: value, why: '' }));
    shading.set(shadings, 'highlight');
    this.popover = new Popover('⋯', 'Display', intensity.element, shading.element);
    this.popover.panel.classList.add('jxai-appearance');
  }
}
