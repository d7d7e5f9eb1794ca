/** What a provider counts on its bill, in the order lists show it. Prices are in the meter's unit. */
export const METERS = {
  input: { label: 'Input tokens', unit: 'USD/Mtok' },
  cached_input: { label: 'Cached input tokens (cache reads)', unit: 'USD/Mtok' },
  cache_write_5m: { label: 'Cache writes, default lifetime (5 minutes at Anthropic)', unit: 'USD/Mtok' },
  cache_write_1h: { label: 'Cache writes, one hour', unit: 'USD/Mtok' },
  output: { label: 'Output tokens, reasoning included', unit: 'USD/Mtok' },
  reasoning_output: { label: 'Reasoning tokens, where priced apart', unit: 'USD/Mtok' },
  batch_input: { label: 'Input tokens in a batch', unit: 'USD/Mtok' },
  batch_cached_input: { label: 'Cached input tokens in a batch', unit: 'USD/Mtok' },
  batch_cache_write_5m: { label: 'Cache writes in a batch, default lifetime', unit: 'USD/Mtok' },
  batch_cache_write_1h: { label: 'Cache writes in a batch, one hour', unit: 'USD/Mtok' },
  batch_output: { label: 'Output tokens in a batch', unit: 'USD/Mtok' },
  requests: { label: 'Requests', unit: 'USD/1k requests' },
  web_searches: { label: 'Web searches', unit: 'USD/1k searches' },
  file_searches: { label: 'File searches', unit: 'USD/1k searches' },
  input_audio: { label: 'Audio input tokens', unit: 'USD/Mtok' },
  cached_input_audio: { label: 'Cached audio input tokens', unit: 'USD/Mtok' },
  output_audio: { label: 'Audio output tokens', unit: 'USD/Mtok' },
  input_image: { label: 'Image input tokens', unit: 'USD/Mtok' },
  cached_input_image: { label: 'Cached image input tokens', unit: 'USD/Mtok' },
  output_image: { label: 'Image output tokens', unit: 'USD/Mtok' },
  input_video: { label: 'Video input tokens', unit: 'USD/Mtok' },
  output_video: { label: 'Video output tokens', unit: 'USD/Mtok' },
  audio_hours: { label: 'Hours of audio', unit: 'USD/hour' },
  input_audio_hours: { label: 'Hours of audio input', unit: 'USD/hour' },
} as const satisfies Readonly<Record<string, { readonly label: string; readonly unit: string }>>;

export type Meter = keyof typeof METERS;

export const METER_IDS: readonly Meter[] = Object.keys(METERS) as Meter[];

export function isMeter(id: string): id is Meter {
  return Object.hasOwn(METERS, id);
}

/**
 * The meters that may bill a kind of use, first choice first. A provider without a cache meter bills cached tokens as
 * plain input; one without a batch meter bills the batch at standard price.
 */
export function billingChoices(meter: Meter): readonly Meter[] {
  return CHOICES[meter] ?? [meter];
}

const CHOICES: Partial<Record<Meter, readonly Meter[]>> = {
  cached_input: ['cached_input', 'input'],
  cache_write_5m: ['cache_write_5m', 'input'],
  cache_write_1h: ['cache_write_1h', 'cache_write_5m', 'input'],
  reasoning_output: ['reasoning_output', 'output'],
  batch_input: ['batch_input', 'input'],
  batch_cached_input: ['batch_cached_input', 'cached_input', 'batch_input', 'input'],
  batch_cache_write_5m: ['batch_cache_write_5m', 'cache_write_5m', 'batch_input', 'input'],
  batch_cache_write_1h: ['batch_cache_write_1h', 'cache_write_1h', 'cache_write_5m', 'batch_input', 'input'],
  batch_output: ['batch_output', 'output'],
};
