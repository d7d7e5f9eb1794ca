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
  flex_input: { label: 'Input tokens sent as flex', unit: 'USD/Mtok' },
  flex_cached_input: { label: 'Cached input tokens sent as flex', unit: 'USD/Mtok' },
  flex_cache_write_5m: { label: 'Cache writes sent as flex, default lifetime', unit: 'USD/Mtok' },
  flex_cache_write_1h: { label: 'Cache writes sent as flex, one hour', unit: 'USD/Mtok' },
  flex_output: { label: 'Output tokens sent as flex', unit: 'USD/Mtok' },
  priority_input: { label: 'Input tokens sent with priority', unit: 'USD/Mtok' },
  priority_cached_input: { label: 'Cached input tokens sent with priority', unit: 'USD/Mtok' },
  priority_cache_write_5m: { label: 'Cache writes sent with priority, default lifetime', unit: 'USD/Mtok' },
  priority_cache_write_1h: { label: 'Cache writes sent with priority, one hour', unit: 'USD/Mtok' },
  priority_output: { label: 'Output tokens sent with priority', unit: 'USD/Mtok' },
  cache_storage: { label: 'Tokens kept in a cache, by the hour', unit: 'USD/Mtok/h' },
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

/** Meters of text: those whose long-context thresholds a forecast applies. */
export function isTextMeter(meter: Meter): boolean {
  return Object.hasOwn(CHOICES, meter) || meter === 'input' || meter === 'output';
}

/**
 * The meters that may bill a kind of use, first choice first. A provider without a cache meter bills cached tokens as
 * plain input; one without a meter for batch, flex or priority bills them at standard price.
 */
export function billingChoices(meter: Meter): readonly Meter[] {
  return CHOICES[meter] ?? [meter];
}

const CHOICES: Partial<Record<Meter, readonly Meter[]>> = {
  cached_input: ['cached_input', 'input'],
  cache_write_5m: ['cache_write_5m', 'input'],
  cache_write_1h: ['cache_write_1h', 'cache_write_5m', 'input'],
  reasoning_output: ['reasoning_output', 'output'],
  ...choicesOf('batch'),
  ...choicesOf('flex'),
  ...choicesOf('priority'),
};

/** A class of service falls back to its standard meter, or, where that is not priced either, to its own plain input. */
function choicesOf<Class extends 'batch' | 'flex' | 'priority'>(
  service: Class,
): Partial<Record<Meter, readonly Meter[]>> {
  return {
    [`${service}_input`]: [`${service}_input`, 'input'],
    [`${service}_cached_input`]: [`${service}_cached_input`, 'cached_input', `${service}_input`, 'input'],
    [`${service}_cache_write_5m`]: [`${service}_cache_write_5m`, 'cache_write_5m', `${service}_input`, 'input'],
    [`${service}_cache_write_1h`]: [
      `${service}_cache_write_1h`,
      'cache_write_1h',
      'cache_write_5m',
      `${service}_input`,
      'input',
    ],
    [`${service}_output`]: [`${service}_output`, 'output'],
  };
}
