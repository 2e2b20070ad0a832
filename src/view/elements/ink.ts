import { h } from './dom';

/** How wide a text is. */
export type Measure = (text: string) => number;

/** Colours and type as the view has them just now. */
export interface Ink {
  readonly text: string;
  readonly quiet: string;
  readonly paper: string;
  readonly line: string;
  readonly supports: string;
  readonly opposes: string;
  readonly font: string;
  readonly underline: boolean;
  readonly measure: Measure;
}

/** The colours and letters that a view has just now, whatever theme gave them. */
export function inkOf(root: HTMLElement): Ink {
  const probe = h('span', { class: 'jxai-hidden jxai-pane-body' });
  root.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--jxai-${name})`;
    return getComputedStyle(probe).color;
  };
  const font = getComputedStyle(probe).fontFamily;
  const ink = {
    text: colour('text'),
    quiet: colour('quiet'),
    paper: colour('paper'),
    line: colour('line'),
    supports: colour('supports'),
    opposes: colour('opposes'),
    font,
    underline: root.classList.contains('jxai-underline'),
  };
  probe.remove();
  const context = document.createElement('canvas').getContext('2d');
  if (context) context.font = `14px ${font}`;
  // Without a canvas widths are guessed; every fragment is told its own in the picture.
  return { ...ink, measure: (text) => context?.measureText(text).width ?? 7 * text.length };
}
