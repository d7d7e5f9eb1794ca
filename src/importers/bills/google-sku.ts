import type { Decimal } from 'decimal.js';
import type { BillLine } from '../../core/bills/bill-line.ts';
import type { StandardMeter } from './format-line.ts';
import { tokenColumns } from './format-line.ts';

const model = /\bgemini \d+(?:\.\d+)? (?:pro|flash(?: lite)?)(?: image(?= (?:text|image)))?(?: preview)?\b/i;
const claude = /\bclaude(?: (?:opus|sonnet|haiku|\d+(?:\.\d+)?))+/i;

/**
 * What Google's name of a SKU says about tokens. There are two grammars: `Generate content input token count gemini 3.7
 * flash text` and `Gemini 3.7 Flash Global Text Input - Predictions`, both with words for batch, flex, priority and
 * caching. A name that tells neither direction nor kind counts nothing, nor do hours of cache storage.
 */
export function googleSkuColumns(
  service: string | null,
  sku: string | null,
  amount: Decimal | null,
  unit: string | null,
): Partial<BillLine> {
  const name = (sku ?? '').replaceAll('_', ' ');
  const billed = model.exec(name)?.[0] ?? claude.exec(name)?.[0] ?? null;
  const consumed = { ConsumedQuantity: amount, ConsumedUnit: unit };
  if (billed === null) return consumed;
  const words = name.replace(billed, ' ').toLowerCase();
  const known = { x_Model: billed, ...consumed };
  const meter = meterOf(words);
  if (meter === null || !isTokenUnit(unit)) return known;
  const tier = /\b(batch|flex|priority)\b/.exec(words)?.[1] ?? null;
  return { ...known, x_ServiceTier: tier, ...tokenColumns(meter, tier), ServiceName: service };
}

/** Google writes `count` or `requests` for tokens; characters, hours and images are other quantities. */
function isTokenUnit(unit: string | null): boolean {
  return unit === null || ['count', 'requests', 'token', 'tokens'].includes(unit.toLowerCase());
}

function meterOf(words: string): StandardMeter | null {
  if (/\bstorage\b|\bvideo\b|\bground|\bsearch|\btuning\b|\bthroughput\b/.test(words)) return null;
  const direction = /\b(input|output) token count\b/.exec(words)?.[1] ?? /\b(input|output)\b/.exec(words)?.[1];
  if (direction === undefined) return null;
  const kind = /\btext\b/.test(words) ? '' : (/\b(audio|image)\b/.exec(words)?.[1] ?? '');
  const cached = direction === 'input' && /\bcach(?:ed|ing)\b/.test(words);
  if (kind === '') return direction === 'output' ? 'output' : cached ? 'cached_input' : 'input';
  if (direction === 'output') return kind === 'audio' ? 'output_audio' : 'output_image';
  if (kind === 'audio') return cached ? 'cached_input_audio' : 'input_audio';
  return cached ? 'cached_input_image' : 'input_image';
}
