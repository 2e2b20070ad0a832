import { LabIcon } from '@jupyterlab/ui-components';

/** Three lines of a prompt, the middle one shaded. */
export const xaiIcon = new LabIcon({
  name: 'jupyter-xai:logo',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">
  <rect class="jp-icon3" fill="#616161" x="2" y="2.5" width="9" height="2" rx="1"/>
  <rect fill="#2b7fd4" x="1" y="6" width="14" height="4" rx="1.5"/>
  <rect class="jp-icon3" fill="#616161" x="2" y="11.5" width="7" height="2" rx="1"/>
  <rect fill="#ea8423" x="10.5" y="11.5" width="3.5" height="2" rx="1"/>
</svg>`,
});
