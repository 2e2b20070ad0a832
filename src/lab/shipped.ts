import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { Bundle } from '../view';

/** A file that is installed with the extension, from the server that the page came from. */
export async function shipped(path: string): Promise<Response> {
  const extensions = PageConfig.getOption('fullLabextensionsUrl');
  const response = await fetch(URLExt.join(extensions, 'jupyter-xai', path));
  if (!response.ok) throw new ServerConnection.ResponseError(response);
  return response;
}

/** The view's own files: the extension holds them in another form, of which no page can be made. */
export async function shippedBundle(): Promise<Bundle> {
  const read = async (name: string): Promise<string> => (await shipped(`view/${name}`)).text();
  const [code, style] = await Promise.all([read('view.js'), read('widget.css')]);
  return { code, style };
}
