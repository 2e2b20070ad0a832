export const MIME_TYPE = 'application/vnd.jupyter-xai.explanation.v1+json';

export const COMPARISON_MIME_TYPE = 'application/vnd.jupyter-xai.comparison.v1+json';

export const LIVE_MIME_TYPE = 'application/vnd.jupyter.widget-view+json';
