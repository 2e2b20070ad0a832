/** Several units together: log-probabilities add up, everything else is averaged. */
export type Together = 'sum' | 'mean';
