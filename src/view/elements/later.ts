/** Slider traffic goes to the kernel this long after the last move. */
export const SETTLE_MS = 150;

/** Runs only the last of a burst of calls, once it has been quiet for a while. */
export interface Later {
  readonly waiting: boolean;
  run(action: () => void): void;
  cancel(): void;
}

export function later(milliseconds: number): Later {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const cancel = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  return {
    get waiting() {
      return timer !== null;
    },
    run(action) {
      cancel();
      timer = setTimeout(() => {
        timer = null;
        action();
      }, milliseconds);
    },
    cancel,
  };
}
