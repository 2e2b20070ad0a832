import type { Explanation } from '../../src/protocol/explanation';

/** A small explanation; each test changes what it is about. */
export function example(changes: Partial<Explanation> = {}): Explanation {
  return {
    schema: 1,
    created: '2026-11-20T18:30:00+00:00',
    model: {
      name: 'tutor',
      kind: 'tutor',
      revision: 'abc',
      dtype: 'float32',
      device: 'cpu',
      template: null,
    },
    method: { name: 'linear', exact: false, settings: { alpha: 0.01 } },
    value: 'logprob',
    operator: 'delete',
    seed: 7,
    k: 2,
    prompt: {
      level: 'sentence',
      units: [
        { text: 'Be kind.\n', role: 'system', protected: true },
        { text: 'I am tired. ', role: 'user', protected: false },
        { text: 'I like the sea. ', role: 'user', protected: false },
        { text: 'Where to?', role: 'user', protected: false },
      ],
    },
    response: {
      level: 'word',
      units: [{ text: 'Go ' }, { text: 'north. ' }, { text: 'Swim ' }, { text: 'there.' }],
      supplied: false,
    },
    scores: [
      [0.5, 0.25, -0.5, 0],
      [0, 0.5, 2, 1],
      [1, 0, 0, null],
    ],
    total: [0.25, 3.5, null],
    intervals: {
      confidence: 0.9,
      low: [
        [0.4, 0.2, -0.6, -0.1],
        [-0.1, 0.4, 1.8, 0.9],
        [0.9, -0.1, -0.1, null],
      ],
      high: [
        [0.6, 0.3, -0.4, 0.1],
        [0.1, 0.6, 2.2, 1.1],
        [1.1, 0.1, 0.1, null],
      ],
      total_low: [-0.1, 3, null],
      total_high: [0.6, 4, null],
    },
    full: [-1, -2, -0.5, -0.25, -3.75],
    sets: null,
    perturbations: { asked: 8, used: 8, most: 8 },
    partial: false,
    noise: 0.01,
    checks: [
      {
        k: 2,
        removed: [1, 0],
        drop: 7.9,
        random: { mean: 0.6, low: 0.1, high: 1.4, draws: 20 },
        leave_one_out: { removed: [1, 2], drop: 7 },
        verdict: 'Removing these two sentences lowers the answer’s log-probability by 7.9.',
      },
    ],
    lds: { value: 0.91, kind: 'cross-fitted', masks: 8 },
    metrics: [],
    cost: { forwards: 8, backwards: 0, generations: 1, tokens: 400, reused: 0, seconds: 0.8 },
    versions: { torch: '2.13.0' },
    notes: [],
    ...changes,
  };
}
