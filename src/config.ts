import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { didYouMean, nearestNames } from './core/nearest-name.ts';

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, 'a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `from ${least} to ${most}`);
const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `one of ${values.join(', ')}`);
const yesOrNo = oneOf(['true', 'false']).transform((value) => value === 'true');
const listOf = (isRight: (text: string) => boolean, rule: string) =>
  z
    .string()
    .transform((value) => value.split(',').map((entry) => entry.trim().toLowerCase()))
    .refine((entries) => entries.every(isRight), rule)
    .default([]);
const priceLists = ['openrouter', 'litellm', 'models-dev'] as const;
const host = z.string().refine(isHost, 'an address or a host name without a port');

/** Every setting with what it takes and its default, in the order of `.env.example`. */
const settings = z.object({
  HOST: host.default('127.0.0.1'),
  PORT: whole(0, 65_535).default(7800),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'a http or https address' }).optional(),
  TRUST_PROXY: whole(0, 10).default(0),
  ALLOWED_HOSTS: listOf(isHost, 'host names without ports, apart by commas'),
  NODE_ENV: oneOf(['production', 'development', 'test']).default('production'),
  LOG_LEVEL: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  LOG_FORMAT: oneOf(['json', 'pretty']).default('json'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/./, 'postgres://user:password@host/database')
    .optional(),
  DATA_DIR: z.string().default('./data'),
  DB_POOL_MAX: whole(1, 100).default(10),
  DB_STATEMENT_TIMEOUT_MS: whole(100, 600_000).default(15_000),
  DB_SSL: oneOf(['off', 'require', 'verify']).default('off'),
  MIGRATE_ON_START: yesOrNo.default(true),
  MIN_FREE_MB: whole(1, 1_000_000).default(256),
  AUTH_MODE: oneOf(['token']).optional(),
  API_KEY_DEFAULT_TTL_DAYS: whole(1, 365).default(365),
  METRICS_TOKEN: z.string().min(16, 'at least 16 characters').max(200, 'at most 200 characters').optional(),
  SECRETS_KEY: z
    .string()
    .regex(/^([0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=?)$/, '32 bytes in base64 or hex (openssl rand -base64 32)')
    .optional(),
  BODY_LIMIT_MB: whole(1, 16).default(1),
  BILL_LIMIT_MB: whole(1, 65_536).default(4_096),
  BILL_MAX_LINES: whole(1_000, 100_000_000).default(10_000_000),
  MAX_MONTHS: whole(1, 120).default(120),
  MAX_SAMPLES: whole(100, 20_000).default(20_000),
  MAX_CELLS: whole(1_000, 250_000).default(250_000),
  COMPUTE_WORKERS: whole(1, 16).default(1),
  COMPUTE_TIMEOUT_MS: whole(100, 600_000).default(15_000),
  RATE_READ: whole(1, 1_000_000).default(600),
  RATE_WRITE: whole(1, 1_000_000).default(120),
  RATE_COMPUTE: whole(1, 1_000_000).default(30),
  RATE_UPLOAD: whole(1, 1_000_000).default(10),
  EGRESS_ALLOW: listOf(isHost, 'host names without ports, apart by commas'),
  EGRESS_ALLOW_PRIVATE: listOf(isAddressRange, 'addresses or ranges like 10.1.0.0/16, apart by commas'),
  EGRESS_TIMEOUT_MS: whole(100, 600_000).default(20_000),
  OFFLINE: yesOrNo.default(false),
  DEFAULT_CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/, 'a currency code like USD')
    .default('USD'),
  DEFAULT_TZ: z.string().refine(isTimeZone, 'a time zone like Europe/Berlin').default('UTC'),
  PRICE_STALE_DAYS: whole(1, 3650).default(30),
  PRICE_PULL: z
    .string()
    .transform((value, context) => {
      const entries = value === 'off' ? [] : value.split(',').map((entry) => entry.trim());
      if (entries.every(isPriceList)) return [...new Set(entries)];
      context.addIssue(`off, or some of ${priceLists.join(', ')} apart by commas`);
      return z.NEVER;
    })
    .default([]),
  PRICE_PULL_TIME: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time like 05:00')
    .default('05:00'),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/[^\s/]+\/?(\?\S*)?$/, 'smtp://user:password@host:port or smtps://…')
    .optional(),
  MAIL_FROM: z.string().refine(isMailbox, 'an address such as infercast@example.com').optional(),
  MAIL_TO: z
    .string()
    .transform((value) => value.split(',').map((entry) => entry.trim()))
    .refine((entries) => entries.every(isMailbox) && entries.length <= 20, 'up to 20 addresses, apart by commas')
    .default([]),
  INBOX_DIR: z.string().optional(),
  WORKER: oneOf(['inline', 'off']).default('inline'),
  JOB_CONCURRENCY: whole(1, 32).default(2),
  SCHEDULE_BACKFILL_MONTHS: whole(0, 24).default(3),
  SHUTDOWN_GRACE_MS: whole(100, 600_000).default(20_000),
  METRICS: oneOf(['on', 'off']).default('on'),
  INFERCAST_TEST_CLOCK: z.iso.datetime({ offset: true, error: 'an instant like 2026-11-22T12:00:00Z' }).optional(),
});

export type Config = Readonly<z.output<typeof settings>>;

/** The names of all settings. */
export const settingNames: readonly string[] = Object.keys(settings.shape);

/** Thrown once with every wrong setting: one sentence each, with the variable, the rule and the cure. */
export class WrongSettings extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'WrongSettings';
    this.problems = problems;
  }
}

/**
 * The settings of this process, from its environment unless given. `X_FILE` names a file that holds `X`, and wins. An
 * empty variable counts as unset. Throws WrongSettings.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const problems: string[] = [];
  const given: Record<string, string> = {};
  for (const name of settingNames) {
    const value = readSetting(environment, name, problems);
    if (value !== undefined) given[name] = value;
  }
  problems.push(...findUnknown(environment));
  const parsed = settings.safeParse(given);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => describeIssue(issue, given)));
  else problems.push(...judgeTogether(parsed.data));
  if (!parsed.success || problems.length > 0) throw new WrongSettings(problems);
  return Object.freeze(parsed.data);
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function readSetting(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
  problems: string[],
): string | undefined {
  const file = environment[`${name}_FILE`];
  if (file === undefined || file === '') return environment[name] || undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    problems.push(`${name}_FILE names ${file}, which cannot be read (${code}): mend the path, or unset ${name}_FILE.`);
    return undefined;
  }
}

function findUnknown(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const own = settingNames.filter((name) => name.startsWith('INFERCAST_')).flatMap((name) => [name, `${name}_FILE`]);
  return Object.keys(environment)
    .filter((name) => name.startsWith('INFERCAST_') && !own.includes(name))
    .map((name) => {
      const bare = name.slice('INFERCAST_'.length);
      const nearest = settingNames.includes(bare) ? [bare] : nearestNames(name, own, 1);
      return `${name} is not a setting of infercast; unset it.${didYouMean(nearest)}`;
    });
}

/** Secrets are never shown, not even wrong ones. */
const secret = new Set(['METRICS_TOKEN', 'DATABASE_URL', 'SECRETS_KEY', 'SMTP_URL']);

function describeIssue(issue: z.core.$ZodIssue, given: Readonly<Record<string, string>>): string {
  const name = String(issue.path[0]);
  const found = secret.has(name) ? '' : ` and is "${given[name] ?? ''}"`;
  return `${name} must be ${issue.message}${found}: mend or unset it.`;
}

/** What each setting allows by itself and all together do not. */
function judgeTogether(config: Config): readonly string[] {
  const problems: string[] = [];
  const open = config.AUTH_MODE === undefined;
  if (open && !isLoopback(config.HOST)) {
    problems.push(
      `HOST=${config.HOST} lets other machines in: set AUTH_MODE=token and make an admin key first, or use 127.0.0.1.`,
    );
  }
  if (open && config.TRUST_PROXY > 0) {
    problems.push('TRUST_PROXY tells that others come in through a proxy: set AUTH_MODE=token too, or TRUST_PROXY=0.');
  }
  const publicHost = config.PUBLIC_URL === undefined ? null : hostOf(config.PUBLIC_URL);
  const foreign = [...config.ALLOWED_HOSTS, ...(publicHost === null ? [] : [publicHost])].filter(
    (name) => !isLoopback(name),
  );
  if (open && foreign.length > 0) {
    problems.push(
      `${foreign.join(', ')} is a name beyond this machine: set AUTH_MODE=token too, or leave it out of ALLOWED_HOSTS and PUBLIC_URL.`,
    );
  }
  if (isEveryAddress(config.HOST) && foreign.length === 0) {
    problems.push(`HOST=${config.HOST} has no name that clients may use: list it in ALLOWED_HOSTS, or set PUBLIC_URL.`);
  }
  const mail = [config.SMTP_URL !== undefined, config.MAIL_FROM !== undefined, config.MAIL_TO.length > 0];
  if (mail.includes(true) && mail.includes(false)) {
    problems.push('Mail takes all of SMTP_URL, MAIL_FROM and MAIL_TO: set the others too, or unset them.');
  }
  if (config.INFERCAST_TEST_CLOCK !== undefined && config.NODE_ENV === 'production') {
    problems.push('INFERCAST_TEST_CLOCK stops the clock and is for tests only: unset it, or set NODE_ENV=test.');
  }
  return problems;
}

/** The host names that a request may be addressed to: this machine's own, HOST, and those listed. */
export function allowedHosts(config: Config): readonly string[] {
  return [
    'localhost',
    '127.0.0.1',
    '::1',
    ...(isEveryAddress(config.HOST) ? [] : [config.HOST.toLowerCase()]),
    ...config.ALLOWED_HOSTS,
    ...(config.PUBLIC_URL === undefined ? [] : [hostOf(config.PUBLIC_URL)]),
  ];
}

/** What may leave this machine, in the shape that the door out asks for. */
export function egressRules(config: Config) {
  return {
    offline: config.OFFLINE,
    hosts: config.EGRESS_ALLOW,
    privateRanges: config.EGRESS_ALLOW_PRIVATE,
    timeoutMs: config.EGRESS_TIMEOUT_MS,
  } as const;
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(text);
}

function isPriceList(text: string): text is (typeof priceLists)[number] {
  return (priceLists as readonly string[]).includes(text);
}

function isMailbox(text: string): boolean {
  return text.length <= 254 && /^([^<>@,"\p{C}]*<)?[^\s<>@,"\p{C}]+@[^\s<>@,"\p{C}]+>?$/u.test(text);
}

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const widest = isIP(address) === 4 ? 32 : 128;
  return (
    isIP(address) !== 0 &&
    more.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widest))
  );
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
