/** Keys of forms that are planned but not read yet: what to give instead. */
const instead: Readonly<Record<string, string>> = {
  file: 'history.file is read by the command line only: give {unit, values} here.',
  reserved: 'Give reserved GPUs as dedicated: {gpu, count, plan: reserved}, and reserved throughput as provisioned.',
  routes: 'Routes are not forecast yet: give {local_share, cloud}.',
  based_on: 'Tiers of your own are not read from a scenario yet: choose from the known tiers.',
};

/** Why a key is not taken yet, and what to give instead; undefined for a key that is simply wrong. */
export function findLaterForm(key: string): string | undefined {
  return Object.hasOwn(instead, key) ? instead[key] : undefined;
}
