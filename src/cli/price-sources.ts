import path from 'node:path';
import { loadConfig } from '../config.ts';
import type { PriceBook } from '../core/prices/price.ts';
import type { PriceFilter, PriceListing } from '../core/prices/price-list.ts';
import { listPrices, priceHistory } from '../core/prices/price-list.ts';
import { loadPriceBook } from '../files/price-book.ts';
import { environmentOf } from './environment.ts';
import { badUsage } from './exit.ts';
import type { ServiceClient } from './service.ts';
import { connectService, findService, serviceUrl } from './service.ts';

/** Which book is shown: that of a service, which has learned since, or the shipped one. */
export type PriceSource = {
  readonly list: (filter: PriceFilter) => Promise<readonly PriceListing[]>;
  readonly history: (
    provider: string,
    model: string,
  ) => Promise<{ readonly model: string; readonly rows: readonly PriceListing[] }>;
  /** Which it is, in a sentence. */
  readonly says: string;
};

export type PriceSourceOptions = { readonly server?: string; readonly keyFile?: string; readonly shipped?: boolean };

const folder = path.join(import.meta.dirname, '../../models/prices');

/**
 * The service that is named, else the one of these settings if it answers and lets us in, else the shipped book. Only a
 * service that was named is an error when it does not answer.
 */
export async function openPrices(options: PriceSourceOptions): Promise<PriceSource> {
  if (options.server !== undefined) return serviceSource(options.server, await clientOf(options.server, options));
  const book = await loadPriceBook(folder);
  if (options.shipped === true) return shippedSource(book, 'The price book as shipped.');
  const url = findAddress();
  if (url === null || !(await findService(url))) {
    const where = url === null ? 'No service was asked' : `No service answers at ${url}`;
    return shippedSource(book, `The price book as shipped. ${where}, so prices learned since are not shown.`);
  }
  const client = await clientOf(url, options);
  const isOpen = await client.call('GET', '/v1/prices?limit=1').then(
    () => true,
    () => false,
  );
  return isOpen
    ? serviceSource(url, client)
    : shippedSource(
        book,
        `The price book as shipped. The service at ${url} asks for a key (--key-file), so prices learned since are not shown.`,
      );
}

function clientOf(url: string, { keyFile }: PriceSourceOptions): Promise<ServiceClient> {
  return connectService(url, keyFile ?? null);
}

/** Where the service of these settings listens; null where they are wrong, which must not keep anybody from a price. */
function findAddress(): string | null {
  try {
    return serviceUrl(loadConfig(environmentOf(['HOST', 'PORT'])));
  } catch {
    return null;
  }
}

function shippedSource(book: PriceBook, says: string): PriceSource {
  return {
    says,
    list: async (filter) => listPrices(book, filter),
    history: async (provider, model) => {
      const found = priceHistory(book, provider, model);
      if (!found.ok) throw badUsage(found.problem.message);
      return found;
    },
  };
}

type PricePage = { readonly data: readonly PriceListing[]; readonly next_cursor: string | null };

function serviceSource(url: string, { call }: ServiceClient): PriceSource {
  return {
    says: `The price book of the service at ${url}, with what it has learned.`,
    list: async (filter) => {
      const rows: PriceListing[] = [];
      let cursor: string | null = null;
      do {
        const query = new URLSearchParams({ ...filter, limit: '200', ...(cursor !== null && { cursor }) });
        const page = (await call('GET', `/v1/prices?${query}`)) as PricePage;
        rows.push(...page.data.map(withoutAge));
        cursor = page.next_cursor;
      } while (cursor !== null);
      return rows;
    },
    history: async (provider, model) => {
      const query = new URLSearchParams({ provider, model });
      const found = (await call('GET', `/v1/prices/history?${query}`)) as { model: string; data: PriceListing[] };
      return { model: found.model, rows: found.data.map(withoutAge) };
    },
  };
}

/** A row as the shipped book has it: its age is told apart. */
function withoutAge(row: PriceListing & { readonly stale?: boolean }): PriceListing {
  const { stale: _, ...facts } = row;
  return facts;
}
