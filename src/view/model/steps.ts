/** Where the sliders stop. */

const FEWEST = 8;

/** Up to this number, steps of this size. */
const STRIDES: readonly (readonly [number, number])[] = [
  [20, 1],
  [50, 5],
  [200, 10],
  [1000, 50],
  [Infinity, 500],
];

/** Every k up to 20, then ever wider steps, and all of them at the end. */
export function stepsOfK(n: number): number[] {
  const result: number[] = [];
  for (let k = 1; k < n; k += stride(k)) result.push(k);
  result.push(Math.max(n, 1));
  return result;
}

function stride(k: number): number {
  return STRIDES.find(([end]) => k < end)?.[1] ?? 1;
}

/** Powers of two up to as many different masks as exist; the number in use is a stop too. */
export function stepsOfPerturbations(most: number, inUse: number | null): number[] {
  const stops = new Set<number>([most]);
  for (let step = Math.min(FEWEST, most); step < most; step *= 2) stops.add(step);
  if (inUse !== null && inUse > 0 && inUse <= most) stops.add(inUse);
  return [...stops].sort((a, b) => a - b);
}

/** Index of the stop nearest to a number. */
export function nearest(steps: readonly number[], value: number): number {
  let best = 0;
  steps.forEach((step, index) => {
    if (Math.abs(step - value) < Math.abs((steps[best] ?? 0) - value)) best = index;
  });
  return best;
}
