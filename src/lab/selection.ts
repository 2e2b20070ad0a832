import type { Cell } from '@jupyterlab/cells';
import type { CodeEditor } from '@jupyterlab/codeeditor';

/** What a person marked in a cell: in its output or rendered text, else in its editor. */
export function markedText(cell: Cell): string {
  const marked = markedOutside(cell.node) || (cell.editor ? markedInside(cell.editor) : '');
  return marked.trim() ? marked : '';
}

function markedOutside(node: HTMLElement): string {
  const selection = window.getSelection();
  if (!selection || selection.isCollapsed) return '';
  const ends = [selection.anchorNode, selection.focusNode].map((end) =>
    end instanceof Element ? end : (end?.parentElement ?? null),
  );
  const ours = ends.every((end) => end && node.contains(end) && !end.closest('.jp-Editor'));
  return ours ? selection.toString() : '';
}

function markedInside(editor: CodeEditor.IEditor): string {
  const source = editor.model.sharedModel.getSource();
  return editor
    .getSelections()
    .map(({ start, end }) => [editor.getOffsetAt(start), editor.getOffsetAt(end)] as const)
    .map(([a, b]) => source.slice(Math.min(a, b), Math.max(a, b)))
    .filter((piece) => piece.length > 0)
    .join('\n');
}
