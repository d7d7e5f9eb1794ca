/**
 * What a row or input exists once for. `size` is a request size of a workload, `serving` a workload on a lot of machines,
 * `tariff` a period of a time-of-use tariff, `step` a long-context threshold of a workload's prices, and `size_step` a
 * size held against a threshold.
 */
export type Dimension = (typeof dimensions)[number];

export const dimensions = ['workload', 'machine', 'size', 'serving', 'tariff', 'step', 'size_step'] as const;
