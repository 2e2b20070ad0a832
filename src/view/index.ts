export function mount(el: HTMLElement): void {
  el.classList.add('jxai-view');
}
