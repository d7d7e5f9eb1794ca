/** Keys of forms that are planned but not read yet: what to give instead. */
const instead: Readonly<Record<string, string>> = {
  file: 'history.file is read by the command line only: give {unit, values} here.',
  points:
    'Two measured points are not read yet: give {input_tokens_per_s, output_tokens_per_s} or {total_tokens_per_s}.',
  measured:
    'Two measured points are not read yet: give {input_tokens_per_s, output_tokens_per_s} or {total_tokens_per_s}.',
  reserved: 'Give reserved GPUs as dedicated: {gpu, count, plan: reserved}, and reserved throughput as provisioned.',
  lease:
    'Leases are not forecast yet: give the monthly rate as an own line in `rows` and 0 as gpu_price and host_price.',
  rent: 'Rented machines are not forecast yet: give the monthly rent as an own line in `rows` and 0 as gpu_price and host_price.',
  loan: 'Loans are not forecast yet: give the interest as an own line in `rows`.',
  maintenance: 'Maintenance contracts are not forecast yet: give the monthly fee as an own line in `rows`.',
  licences: 'Licences are not forecast yet: give the monthly fee as an own line in `rows`.',
  routes: 'Routes are not forecast yet: give {local_share, cloud}.',
  based_on: 'Tiers of your own are not read from a scenario yet: choose from the known tiers.',
};

/** Why a key is not taken yet, and what to give instead; undefined for a key that is simply wrong. */
export function findLaterForm(key: string): string | undefined {
  return Object.hasOwn(instead, key) ? instead[key] : undefined;
}
