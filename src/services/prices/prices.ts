import { createHash } from 'node:crypto';
import { dayIn } from '../../clock.ts';
import type { PriceFinding } from '../../core/prices/compare-prices.ts';
import { comparePrices } from '../../core/prices/compare-prices.ts';
import { withLearnedPrices } from '../../core/prices/merge-prices.ts';
import { findModelId } from '../../core/prices/model-id.ts';
import type { PriceBook, PriceRow } from '../../core/prices/price.ts';
import type { PriceListing } from '../../core/prices/price-list.ts';
import { describePrice } from '../../core/prices/price-list.ts';
import { learnedRow } from '../../core/prices/proposed-price.ts';
import { findRestated } from '../../core/prices/restated-prices.ts';
import { datedOn } from '../../core/prices/undated-prices.ts';
import { notePriceCheck } from '../../db/price-checks.ts';
import type { NewPriceRow } from '../../db/prices.ts';
import { findPriceImport, insertPriceImport, listLearnedPrices, listSaidPrices } from '../../db/prices.ts';
import type { PriceFormat } from '../../importers/price-list.ts';
import { parsePriceList } from '../../importers/price-list.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { requireRoom } from '../storage.ts';
import type { IsHeld } from './held-prices.ts';
import { findHeldBefore } from './held-prices.ts';

/** What storing prices needs: less than the whole application, so that the command line can do it by itself. */
export type PriceStore = Pick<App, 'db' | 'clock'> & {
  readonly settings: Pick<App['settings'], 'timeZone' | 'guardedFolder' | 'minFreeMb'>;
  readonly catalogues: Pick<App['catalogues'], 'prices'>;
  /**
   * Asked for what is to be written with the import because of what it changed. The command line, which works while the
   * service does not, tells nobody.
   */
  readonly changed?: (learned: LearnedChanges) => Promise<(trx: App['db']) => Promise<void>>;
};

/** A price that is not what it was: decimal text in the meter's unit. */
export type PriceChange = Pick<
  PriceDifference,
  'provider' | 'model' | 'meter' | 'above_input_tokens' | 'utc_hours' | 'valid_from'
> & {
  readonly unit: string;
  readonly old_price: string;
  readonly new_price: string;
  /** Kept apart, since it differs by more than a factor of ten. */
  readonly quarantined: boolean;
};

/** What an import changes of what was believed, the largest change first. */
export type LearnedChanges = Pick<PriceImportReport, 'catalogue' | 'known_at'> & {
  readonly id: string;
  readonly changes: readonly PriceChange[];
};

export type PriceImportRequest = {
  readonly text: string;
  readonly dryRun: boolean;
  /** Takes prices that are more than ten times another, or less than a tenth, too. */
  readonly acceptOutliers: boolean;
  /** For a list that is read each day: what it only says again is not stored again. */
  readonly passOverRestated?: boolean;
};

/** One price that does not simply agree, as a person reads it. */
export type PriceDifference = {
  readonly verdict: PriceFinding['verdict'];
  readonly provider: string;
  readonly model: string;
  readonly meter: string;
  readonly above_input_tokens: number | null;
  readonly utc_hours: string | null;
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  readonly proposed: string;
  readonly believed: string | null;
  readonly ratio: string | null;
  readonly believed_from: string | null;
};

export type PriceImportReport = {
  /** null where nothing was stored: a dry run. */
  readonly id: string | null;
  readonly format: PriceFormat;
  readonly catalogue: string;
  /** The day on which these prices were learned: forecasts with an earlier as-of date do not see them. */
  readonly known_at: string;
  readonly dry_run: boolean;
  /** The same list was imported on the same day before; nothing was stored again. */
  readonly repeated: boolean;
  readonly counts: Readonly<Record<'new' | 'same' | 'differs' | 'quarantined', number>>;
  /** Prices that differ by more than 1 % from what was believed, and those held back; the largest first, at most 1,000. */
  readonly differences: readonly PriceDifference[];
  /** What the list has and the price book cannot hold; at most 200. */
  readonly left_out: readonly string[];
};

const mostDifferences = 1_000;
const mostLeftOut = 200;

/**
 * Learns prices from a list: every row is appended under today's date, and none that is there is changed. What differs by
 * more than 1 % from what was believed is listed for a person; what is more than ten times it, or less than a tenth, is
 * kept apart and read by no forecast until it is accepted. With `passOverRestated` what the same list said before is not
 * appended but vouched for. Throws InvalidInput where the text is no list of prices.
 */
export async function importPrices(
  store: PriceStore,
  id: string,
  { text, dryRun, acceptOutliers, passOverRestated = false }: PriceImportRequest,
): Promise<PriceImportReport> {
  const known_at = dayOf(store);
  const said = passOverRestated ? await listSaidPrices(store.db) : [];
  const { report, rows, changes, restated } = judgePriceList(text, await loadPrices(store), known_at, {
    acceptOutliers,
    said: said.map(({ row }) => row),
  });
  if (dryRun) return report;
  await requireRoom(store);
  const content_sha256 = createHash('sha256').update(`${acceptOutliers}\n${text}`).digest('hex');
  const stored = { ...report, id, dry_run: false };
  const { catalogue } = report;
  const created_at = nowText(store);
  const made = { id, catalogue, known_at, content_sha256, report: stored, created_at };
  const isHeld: IsHeld = report.counts.quarantined === 0 ? () => false : await findHeldBefore(store, catalogue);
  const news = changes.filter((change) => !(change.quarantined && isHeld(change, change.new_price)));
  const kept = passOverRestated
    ? rows.filter(({ row, status }) => !(status === 'quarantined' && isHeld(row, row.price.toFixed())))
    : rows;
  const tell = news.length === 0 ? undefined : await store.changed?.({ id, catalogue, known_at, changes: news });
  const also = async (trx: App['db']): Promise<void> => {
    const ended = said.filter(({ row }) => row.catalogue === catalogue && !restated.has(row));
    if (passOverRestated) await notePriceCheck(trx, { catalogue, day: known_at, ended });
    await tell?.(trx);
  };
  if (await insertPriceImport(store.db, made, kept, also)) return stored;
  const before = await findPriceImport(store.db, known_at, content_sha256);
  return { ...((before?.report as PriceImportReport | undefined) ?? stored), repeated: true };
}

/**
 * What importing a list would do: the report of a dry run, and the rows it would append.
 * Throws InvalidInput where the text is no list of prices.
 */
export function judgePriceList(
  text: string,
  book: PriceBook,
  known_at: string,
  { acceptOutliers, said = [] }: { readonly acceptOutliers: boolean; readonly said?: readonly PriceRow[] },
): {
  readonly report: PriceImportReport;
  readonly rows: readonly NewPriceRow[];
  /** Every difference, the largest first. */
  readonly changes: readonly PriceChange[];
  /** Which of the rows that lists `said` before are said again. */
  readonly restated: ReadonlySet<PriceRow>;
} {
  const { format, catalogue, prices, leftOut } = parsePriceList(text);
  const isDated = format === 'negotiated-csv' || format === 'price-file';
  const compared = comparePrices(book, isDated ? prices : datedOn(prices, book, known_at), known_at);
  const restated = findRestated(book, compared, said, known_at);
  const findings = compared.map((finding) =>
    restated.prices.has(finding.proposed) ? { ...finding, verdict: 'same' as const } : finding,
  );
  const isHeld = ({ verdict }: PriceFinding): boolean => verdict === 'outlier' && !acceptOutliers;
  const different = findings.filter(isDifferent).toSorted(byDistance);
  const count = (fits: (finding: PriceFinding) => boolean): number => findings.filter(fits).length;
  return {
    report: {
      id: null,
      format,
      catalogue,
      known_at,
      dry_run: true,
      repeated: false,
      counts: {
        new: count(({ verdict }) => verdict === 'new'),
        same: count(({ verdict }) => verdict === 'same'),
        differs: count((finding) => isDifferent(finding) && !isHeld(finding)),
        quarantined: count(isHeld),
      },
      differences: different.slice(0, mostDifferences).map(describeFinding),
      left_out: leftOut.slice(0, mostLeftOut),
    },
    rows: findings
      .filter(({ proposed }) => !restated.prices.has(proposed))
      .map((finding) => ({
        row: learnedRow(finding.proposed, known_at),
        status: isHeld(finding) ? 'quarantined' : 'accepted',
      })),
    restated: restated.rows,
    changes: different.flatMap((finding) => describeChange(finding, isHeld(finding))),
  };
}

/** The shipped book with everything learned since. */
export async function loadPrices(store: Omit<PriceStore, 'changed'>): Promise<PriceBook> {
  return withLearnedPrices(store.catalogues.prices, await listLearnedPrices(store.db, dayOf(store)));
}

/**
 * What was learned of the models a scenario names, as of its date, to be sent along with it; the shipped book is everywhere
 * already.
 */
export async function findLearnedPrices(
  store: Omit<PriceStore, 'changed'>,
  scenario: unknown,
): Promise<readonly PriceListing[]> {
  const { db, catalogues } = store;
  const asked = namesIn(scenario);
  const ids = [...catalogues.prices.providers.keys()].flatMap((provider) =>
    asked.flatMap((name) => findModelId(catalogues.prices, provider, name) ?? []),
  );
  const { as_of } = (scenario ?? {}) as { readonly as_of?: unknown };
  const isDay = typeof as_of === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(as_of);
  const rows = await listLearnedPrices(db, isDay ? as_of : dayOf(store), [...new Set([...asked, ...ids])]);
  return rows.map(describePrice);
}

/** Every text under `model` of the workloads, in the migrations and in the fallbacks of what was sent, whatever else that is. */
function namesIn(scenario: unknown): readonly string[] {
  const { workloads, migrations, tiers } = (scenario ?? {}) as Readonly<Record<string, unknown>>;
  const named = (Array.isArray(workloads) ? workloads : []).flatMap((workload: unknown) =>
    Object.values(((workload ?? {}) as { readonly model?: object }).model ?? {}),
  );
  const successors = (Array.isArray(migrations) ? migrations : []).map(
    (migration: unknown) => ((migration ?? {}) as { readonly to?: unknown }).to,
  );
  const fallbacks = (Array.isArray(tiers) ? tiers : []).flatMap((tier: unknown) => {
    const { routing } = (tier ?? {}) as { readonly routing?: { readonly fallbacks?: unknown } | null };
    const listed = routing?.fallbacks;
    return (Array.isArray(listed) ? listed : []).map((one: unknown) => ((one ?? {}) as { readonly to?: unknown }).to);
  });
  // What a database cannot hold as text is no name of a model that it knows.
  const isName = (name: unknown): name is string =>
    typeof name === 'string' && name.isWellFormed() && !name.includes('\0');
  return [...new Set([...named, ...successors, ...fallbacks].filter(isName))].slice(0, 2_000);
}

function dayOf({ settings, clock }: Pick<PriceStore, 'settings' | 'clock'>): string {
  return dayIn(settings.timeZone, clock());
}

function isDifferent({ verdict }: PriceFinding): boolean {
  return verdict === 'differs' || verdict === 'outlier';
}

function byDistance(a: PriceFinding, b: PriceFinding): number {
  const distance = ({ ratio }: PriceFinding): number =>
    ratio === null || ratio.isZero() ? Number.POSITIVE_INFINITY : Math.abs(Math.log(ratio.toNumber()));
  return distance(b) === distance(a) ? 0 : distance(b) - distance(a);
}

/** A model goes by its own id, however the list spells it. */
function describeChange({ proposed, believed }: PriceFinding, quarantined: boolean): readonly PriceChange[] {
  if (believed === null) return [];
  const { provider, meter, above_input_tokens, utc_hours, valid_from, price } = proposed;
  const { model, unit } = believed;
  const [old_price, new_price] = [believed.price.toFixed(), price.toFixed()];
  return [
    { provider, model, meter, unit, above_input_tokens, utc_hours, valid_from, old_price, new_price, quarantined },
  ];
}

function describeFinding({ verdict, proposed, believed, ratio }: PriceFinding): PriceDifference {
  const { provider, model, meter, above_input_tokens, utc_hours, valid_from, valid_to, price } = proposed;
  return {
    verdict,
    provider,
    model,
    meter,
    above_input_tokens,
    utc_hours,
    valid_from,
    valid_to,
    proposed: price.toFixed(),
    believed: believed?.price.toFixed() ?? null,
    ratio: ratio?.toSignificantDigits(4).toFixed() ?? null,
    believed_from: believed?.catalogue ?? null,
  };
}
