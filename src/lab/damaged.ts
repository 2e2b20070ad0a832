/**
 * Draw what was saved, or say in one line that it cannot be drawn: whoever edited a file by hand, or
 * got it from somebody else, is not left with an empty cell.
 */
export function drawOrTell(node: HTMLElement, draw: () => void): void {
  try {
    draw();
  } catch (reason) {
    const line = document.createElement('p');
    line.className = 'jxai-damaged';
    line.textContent =
      'This saved explanation is damaged and cannot be drawn ' +
      `(${String(reason).slice(0, 200)}); jupyter_xai.open tells which field is wrong.`;
    node.replaceChildren(line);
  }
}
