/**
 * What a row or input exists once for. `size` is a request size of a workload, `serving` a workload on a lot of machines,
 * `tariff` a period of a time-of-use tariff.
 */
export type Dimension = (typeof dimensions)[number];

export const dimensions = ['workload', 'machine', 'size', 'serving', 'tariff'] as const;
