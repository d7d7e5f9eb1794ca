import type { EgressRules } from '../egress/guarded-request.ts';
import type { PriceListName } from '../sources/price-lists.ts';
import type { SecretBox } from './sealed-secrets.ts';

/** What the service has to do with other machines, as its operator set it. */
export type Outside = {
  readonly egress: EgressRules;
  readonly secrets: SecretBox;
  /** null: nobody gets mail. */
  readonly mail: MailSettings | null;
  /** Under which address people reach this service, for links; null where nobody said. */
  readonly publicUrl: string | null;
  /** Below which folder inboxes may lie; null: none. */
  readonly inboxFolder: string | null;
  /** Where the APIs of providers are. */
  readonly origins: ProviderOrigins;
  /** Where the lists of prices are published. */
  readonly priceLists: Readonly<Record<PriceListName, string>>;
  /** Rejects as soon as the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

export type ProviderOrigins = { readonly openai: string; readonly anthropic: string; readonly openrouter: string };

export type MailSettings = { readonly smtpUrl: string; readonly from: string; readonly to: readonly string[] };
