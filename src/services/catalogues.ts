import { dayIn } from '../clock.ts';
import type { ListedModel, PriceListing } from '../core/prices/price-list.ts';
import { listPricedModels, listPrices, priceHistory } from '../core/prices/price-list.ts';
import type { OpenModel } from '../files/llms.ts';
import type { MeasuredDevice } from '../files/throughput.ts';
import type { App } from './app.ts';
import type { Page, PageRequest } from './paging.ts';
import { makePage, parseCursor } from './paging.ts';
import { loadPrices } from './prices/prices.ts';
import { Refusal } from './refusal.ts';

/** A list price with the day it was last vouched for, and whether that is longer ago than PRICE_STALE_DAYS. */
export type PriceView = PriceListing & { readonly stale: boolean };

export type ModelView = ({ readonly kind: 'priced' } & ListedModel) | ({ readonly kind: 'open-weight' } & OpenModel);

export type PriceQuery = PageRequest & {
  readonly provider: string | null;
  readonly model: string | null;
  readonly meter: string | null;
  readonly on: string | null;
};

export async function findPrices(
  app: App,
  { provider, model, meter, on, ...page }: PriceQuery,
): Promise<Page<PriceView>> {
  const rows = listPrices(await loadPrices(app), {
    ...(provider === null ? {} : { provider }),
    ...(model === null ? {} : { model }),
    ...(meter === null ? {} : { meter }),
    ...(on === null ? {} : { on }),
  });
  return pageOf(rows, page, (row) => withAge(app, row));
}

/** Every price a model has had, oldest first within each meter. Throws Refusal with the nearest known models. */
export async function getPriceHistory(
  app: App,
  provider: string,
  model: string,
): Promise<{ model: string; data: readonly PriceView[] }> {
  const found = priceHistory(await loadPrices(app), provider, model);
  if (found.ok) return { model: found.model, data: found.rows.map((row) => withAge(app, row)) };
  const { code, message, suggestions } = found.problem;
  throw new Refusal('not-found', message, { errors: [{ code, pointer: '/model', message, suggestions }] });
}

export function findHardware(app: App, page: PageRequest): Page<MeasuredDevice> {
  return pageOf(app.catalogues.hardware, page, (device) => device);
}

export function findModels(
  app: App,
  { provider, q, ...page }: PageRequest & { readonly provider: string | null; readonly q: string | null },
): Page<ModelView> {
  const part = q?.toLowerCase() ?? '';
  const models: readonly ModelView[] = [
    ...app.catalogues.openModels.map((model) => ({ kind: 'open-weight' as const, ...model })),
    ...listPricedModels(app.catalogues.prices).map((model) => ({ kind: 'priced' as const, ...model })),
  ];
  const wanted = models
    .filter((model) => provider === null || (model.kind === 'priced' && model.provider === provider))
    .filter((model) => model.id.toLowerCase().includes(part));
  return pageOf(wanted, page, (model) => model);
}

/** Lists only grow, by imports that are rare: a place in the list is a cursor. */
function pageOf<Row, Item>(rows: readonly Row[], { cursor, limit }: PageRequest, show: (row: Row) => Item): Page<Item> {
  const from = Number(parseCursor(cursor, /^(0|[1-9]\d{0,6})$/) ?? 0);
  const window = rows.slice(from, from + limit + 1).map((row, index) => ({ row, next: from + index + 1 }));
  return makePage(
    window,
    limit,
    ({ next }) => String(next),
    ({ row }) => show(row),
  );
}

function withAge(app: App, row: PriceListing): PriceView {
  const today = dayIn(app.settings.timeZone, app.clock());
  const days = row.checked_at === null ? 0 : (Date.parse(today) - Date.parse(row.checked_at)) / 86_400_000;
  return { ...row, stale: days > app.settings.priceStaleDays };
}
