import { describe, expect, test } from '@jest/globals';
import { parseScenario } from '../../../src/core/scenario/parse.ts';
import {
  box,
  chat,
  context,
  parsed,
  problemsOf,
  scenarioWith,
  warningsOf,
  withBox,
  withMachines,
  withWorkload,
} from './example.ts';

const many = <T>(count: number, make: (i: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, i) => make(i));

describe('what is refused, and where', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['nothing', undefined, [' missing']],
    ['null', null, [' wrong-type']],
    ['a list', [], [' wrong-type']],
    ['text', 'name: x', [' wrong-type']],
    ['an empty object', {}, ['/name missing', '/workloads missing']],
    ['no workload', scenarioWith({ workloads: [] }), ['/workloads too-short']],
    ['an empty name', scenarioWith({ name: '' }), ['/name too-short']],
    ['a long name', scenarioWith({ name: 'x'.repeat(121) }), ['/name limit-exceeded']],
    ['a NUL in a name', scenarioWith({ name: 'a\u0000b' }), ['/name invalid-format']],
    ['a line feed in a name', scenarioWith({ name: 'a\nb' }), ['/name invalid-format']],
    ['a name written backwards', scenarioWith({ name: 'a\u202eb' }), ['/name invalid-format']],
    ['half a character in a name', scenarioWith({ name: 'a\ud800' }), ['/name invalid-format']],
    ['an unknown key', scenarioWith({ curency: 'USD' }), ['/curency unknown-key']],
    [
      'a key of every object',
      scenarioWith({ constructor: 1, toString: 2 }),
      ['/constructor unknown-key', '/toString unknown-key'],
    ],
    ['an unknown key deep down', withWorkload({ needs: { ofline: true } }), ['/workloads/0/needs/ofline unknown-key']],
    ['a currency that is none', scenarioWith({ currency: 'USX' }), ['/currency unknown-currency']],
    ['a currency in small letters', scenarioWith({ currency: 'usd' }), ['/currency invalid-format']],
    ...['0000-01', '9999-12', '2026-13', '2026-1', '2026-00', 202_601, '2026-01-01'].map(
      (start): [string, unknown, readonly string[]] => [
        `start ${start}`,
        scenarioWith({ start }),
        [`/start ${typeof start === 'number' ? 'wrong-type' : 'invalid-format'}`],
      ],
    ),
    ['no months', scenarioWith({ months: 0 }), ['/months out-of-range']],
    ['negative months', scenarioWith({ months: -1 }), ['/months out-of-range']],
    ['half a month', scenarioWith({ months: 1.5 }), ['/months wrong-type']],
    ['121 months', scenarioWith({ months: 121 }), ['/months limit-exceeded']],
    ['a billion months', scenarioWith({ months: 1e9 }), ['/months limit-exceeded']],
    ['an impossible day', scenarioWith({ as_of: '2027-02-29' }), ['/as_of not-a-date']],
    ['hours of no month', scenarioWith({ hours_per_month: 745 }), ['/hours_per_month out-of-range']],
    ['an id with a hyphen', withWorkload({ id: 'support-chat' }), ['/workloads/0/id invalid-id']],
    ['an id of 42 letters', withWorkload({ id: 'x'.repeat(42) }), ['/workloads/0/id limit-exceeded']],
    ['an id every object has', withWorkload({ id: 'constructor' }), ['/workloads/0/id reserved-id']],
    ['an id used twice', scenarioWith({ workloads: [chat, chat] }), ['/workloads/1/id duplicate-id']],
    [
      'no requests',
      scenarioWith({ workloads: [{ ...chat, requests_per_month: undefined }] }),
      ['/workloads/0/requests_per_month missing'],
    ],
    [
      'no tokens',
      scenarioWith({ workloads: [{ id: 'a', requests_per_month: 1, model: { openai: 'm' } }] }),
      ['/workloads/0/input_tokens missing', '/workloads/0/output_tokens missing'],
    ],
    [
      'p95 below the mean',
      withWorkload({ input_tokens: { mean: 10, p95: 9 } }),
      ['/workloads/0/input_tokens/p95 out-of-range'],
    ],
    [
      'p95 no lognormal has',
      withWorkload({ input_tokens: { mean: 1000, p95: 3869 } }),
      ['/workloads/0/input_tokens/p95 out-of-range'],
    ],
    ['p95 alone', withWorkload({ input_tokens: { p95: 9 } }), ['/workloads/0/input_tokens/mean missing']],
    [
      'more reasoning than output',
      withWorkload({ reasoning_tokens: 301 }),
      ['/workloads/0/reasoning_tokens out-of-range'],
    ],
    [
      'cache shares above 100 %',
      withWorkload({ cached_input_share: '60%', cache_write_share: '41%' }),
      ['/workloads/0/cache_write_share shares-over-100'],
    ],
    [
      'cache shares above 100 % in one month',
      scenarioWith({
        months: 2,
        workloads: [{ ...chat, cached_input_share: { series: ['10%', '90%'] }, cache_write_share: '20%' }],
      }),
      ['/workloads/0/cache_write_share shares-over-100'],
    ],
    ['a time to live that is none', withWorkload({ cache_ttl: '10m' }), ['/workloads/0/cache_ttl wrong-value']],
    [
      'growth beyond -100 %',
      withWorkload({ growth_per_month: '-101%' }),
      ['/workloads/0/growth_per_month out-of-range'],
    ],
    [
      'growth beyond a million times',
      { ...withWorkload({ growth_per_month: '100%' }), months: 22 },
      ['/workloads/0/growth_per_month limit-exceeded'],
    ],
    ['spikes of another word', withWorkload({ spikes: 'non' }), ['/workloads/0/spikes wrong-type']],
    [
      'a spike of less than the month',
      withWorkload({ spikes: { multiplier: 0.5 } }),
      ['/workloads/0/spikes/multiplier out-of-range'],
    ],
    [
      'shares of sizes that are not whole',
      withWorkload({
        input_tokens: undefined,
        output_tokens: undefined,
        sizes: [{ share: 0.999999, input: 1, output: 1 }],
      }),
      ['/workloads/0/sizes shares-not-whole'],
    ],
    [
      'a tier that is none in model',
      withWorkload({ model: { openia: 'm', openai: 'm' } }),
      ['/workloads/0/model/openia unknown-tier'],
    ],
    [
      'a history without a unit',
      withWorkload({ requests_per_month: { history: { values: [1] } } }),
      ['/workloads/0/requests_per_month/history/unit missing'],
    ],
    [
      'a history of nothing',
      withWorkload({ requests_per_month: { history: { unit: 'day', values: [0, null] } } }),
      ['/workloads/0/requests_per_month/history/values empty-history'],
    ],
    [
      'a history of words',
      withWorkload({ requests_per_month: { history: { unit: 'day', values: [1, 'x'] } } }),
      ['/workloads/0/requests_per_month/history/values/1 not-a-number'],
    ],
    [
      'a series of another length',
      { ...withWorkload({ requests_per_month: { series: [1, 2] } }), months: 3 },
      ['/workloads/0/requests_per_month/series series-length'],
    ],
    ['a tier that is none', scenarioWith({ tiers: ['openia'] }), ['/tiers/0 unknown-tier']],
    ['an object of a tier that is none', scenarioWith({ tiers: [{ id: 'openia' }] }), ['/tiers/0/id unknown-tier']],
    ['a tier twice', scenarioWith({ tiers: ['openai', { id: 'openai' }] }), ['/tiers/1/id duplicate-id']],
    ['21 tiers', scenarioWith({ tiers: many(21, () => 'openai') }), ['/tiers limit-exceeded']],
    ['local without machines', scenarioWith({ tiers: ['local'] }), ['/tiers/0 tier-incomplete']],
    ['hybrid without its mix', withMachines({ tiers: ['hybrid'] }), ['/tiers/0 tier-incomplete']],
    [
      'a mix without machines',
      scenarioWith({ hybrid: { local_share: '80%', cloud: 'openai' } }),
      ['/hybrid tier-incomplete'],
    ],
    [
      'a mix with itself',
      withMachines({ hybrid: { local_share: '80%', cloud: 'hybrid' } }),
      ['/hybrid/cloud wrong-tier'],
    ],
    [
      'overflow to machines',
      withMachines({ local: { machines: [box], overflow_to: 'local' } }),
      ['/local/overflow_to wrong-tier'],
    ],
    [
      'a baseline that is no tier',
      scenarioWith({ comparison: { baseline: 'opennai' } }),
      ['/comparison/baseline unknown-tier'],
    ],
    [
      'a baseline that is not compared',
      scenarioWith({ tiers: ['openai'], comparison: { baseline: 'google' } }),
      ['/comparison/baseline wrong-tier'],
    ],
    ['nothing to compare', withWorkload({ model: {} }), ['/tiers nothing-to-compare']],
    ['a GPU that is none', withBox({ gpu: 'rtx-4900' }), ['/local/machines/0/gpu unknown-gpu']],
    [
      'a custom GPU without figures',
      withMachines({ local: { machines: [{ id: 'box', gpu: 'custom', throughput: { total_tokens_per_s: 1 } }] } }),
      [
        '/local/machines/0/gpu_price missing',
        '/local/machines/0/idle_watts missing',
        '/local/machines/0/load_watts missing',
      ],
    ],
    [
      'no throughput',
      withMachines({ local: { machines: [{ ...box, throughput: undefined }] } }),
      ['/local/machines/0/throughput missing'],
    ],
    [
      'half a throughput',
      withBox({ throughput: { input_tokens_per_s: 5 } }),
      ['/local/machines/0/throughput/output_tokens_per_s missing'],
    ],
    [
      'throughput twice',
      withBox({ throughput: { input_tokens_per_s: 5, output_tokens_per_s: 5, total_tokens_per_s: 5 } }),
      ['/local/machines/0/throughput/total_tokens_per_s conflict'],
    ],
    [
      'no speed',
      withBox({ throughput: { total_tokens_per_s: 0 } }),
      ['/local/machines/0/throughput/total_tokens_per_s out-of-range'],
    ],
    ['less power under load than idle', withBox({ idle_watts: 900 }), ['/local/machines/0/load_watts out-of-range']],
    ['no life', withBox({ life_months: 0 }), ['/local/machines/0/life_months out-of-range']],
    ['a residual above 300 %', withBox({ residual_value: '301%' }), ['/local/machines/0/residual_value out-of-range']],
    ['a cap of nothing', withBox({ utilization_cap: 0 }), ['/local/machines/0/utilization_cap out-of-range']],
    ['a cap above 100 %', withBox({ utilization_cap: '101%' }), ['/local/machines/0/utilization_cap out-of-range']],
    ['half a machine', withBox({ count: 1.5 }), ['/local/machines/0/count not-whole']],
    ['two lots of a name', withMachines({ local: { machines: [box, box] } }), ['/local/machines/1/id duplicate-id']],
    [
      'machines without a price of power',
      scenarioWith({ local: { machines: [box] } }),
      ['/energy/price_per_kwh missing'],
    ],
    [
      'a price of another meter',
      scenarioWith({ prices: [{ provider: 'openai', model: 'm', inputs: 1 }] }),
      ['/prices/0/inputs unknown-key'],
    ],
    ['a price without a meter', scenarioWith({ prices: [{ provider: 'openai', model: 'm' }] }), ['/prices/0 missing']],
    [
      'a negative price',
      scenarioWith({ prices: [{ provider: 'openai', model: 'm', input: -1 }] }),
      ['/prices/0/input out-of-range'],
    ],
    [
      'a price above a million',
      scenarioWith({ prices: [{ provider: 'openai', model: 'm', input: 1_000_001 }] }),
      ['/prices/0/input out-of-range'],
    ],
    [
      'a price that is a range',
      scenarioWith({ prices: [{ provider: 'openai', model: 'm', input: '1 to 2' }] }),
      ['/prices/0/input not-a-number'],
    ],
    [
      'a price that ends before it starts',
      scenarioWith({ prices: [{ provider: 'openai', model: 'm', input: 1, from: '2027-01-01', to: '2027-01-01' }] }),
      ['/prices/0/to reversed-range'],
    ],
    [
      'two prices at once',
      scenarioWith({
        prices: [
          { provider: 'openai', model: 'm', input: 1, to: '2027-03-01' },
          { provider: 'openai', model: 'm', input: 2, from: '2027-02-28' },
        ],
      }),
      ['/prices/1 overlapping-prices'],
    ],
    ['a rate of no currency', scenarioWith({ exchange_rates: { EUX: 1 } }), ['/exchange_rates/EUX unknown-currency']],
    ['a rate of its own currency', scenarioWith({ exchange_rates: { USD: 1 } }), ['/exchange_rates/USD conflict']],
    ['a rate of 0', scenarioWith({ exchange_rates: { EUR: 0 } }), ['/exchange_rates/EUR out-of-range']],
    ['list prices without a rate', scenarioWith({ currency: 'EUR' }), ['/exchange_rates exchange-rate-missing']],
    [
      'a row with the name of a cell',
      scenarioWith({ rows: [{ tier: 'openai', id: 'h100', formula: 1 }] }),
      ['/rows/0/id cell-address'],
    ],
    [
      'a row with the name of a function',
      scenarioWith({ rows: [{ tier: 'openai', id: 'round', formula: 1 }] }),
      ['/rows/0/id name-is-function'],
    ],
    [
      'a row twice in a tier',
      scenarioWith({
        rows: [
          { tier: 'openai', id: 'audit', formula: 1 },
          { tier: 'openai', id: 'audit', formula: 2 },
        ],
      }),
      ['/rows/1/id duplicate-id'],
    ],
    [
      'a row of no tier',
      scenarioWith({ rows: [{ tier: 'opena', id: 'audit', formula: 1 }] }),
      ['/rows/0/tier unknown-tier'],
    ],
    [
      'a formula that is too long',
      scenarioWith({ rows: [{ tier: 'openai', id: 'audit', formula: '1'.repeat(1001) }] }),
      ['/rows/0/formula limit-exceeded'],
    ],
    ['99 draws', scenarioWith({ sampling: { draws: 99 } }), ['/sampling/draws out-of-range']],
    ['20,001 draws', scenarioWith({ sampling: { draws: 20_001 } }), ['/sampling/draws limit-exceeded']],
    ['a seed below 0', scenarioWith({ sampling: { seed: -1 } }), ['/sampling/seed out-of-range']],
    [
      'a tolerance of 100 %',
      scenarioWith({ predictability: { tolerance: 1 } }),
      ['/predictability/tolerance out-of-range'],
    ],
  ])('%s', (_name, input, expected) => {
    expect(problemsOf(withoutUndefined(input))).toEqual(expected);
  });

  test.each([
    [
      'the best share',
      withMachines({ hybrid: { local_share: 'best', cloud: 'openai' } }),
      '/hybrid/local_share',
      'give a share, such as 80%',
    ],
    [
      'routes',
      withMachines({ hybrid: { local_share: 1, cloud: 'openai', routes: [] } }),
      '/hybrid/routes',
      'give {local_share, cloud}',
    ],
    [
      'reserved capacity',
      scenarioWith({ tiers: [{ id: 'openai', reserved: {} }] }),
      '/tiers/0/reserved',
      'dedicated: {gpu, count, plan: reserved}',
    ],
    [
      'a history file',
      withWorkload({ requests_per_month: { history: { file: 'usage.csv' } } }),
      '/workloads/0/requests_per_month/history/file',
      'history.file is read by the command line only',
    ],
    [
      'a history file by itself',
      withWorkload({ requests_per_month: { file: 'usage.csv' } }),
      '/workloads/0/requests_per_month',
      'history.file is read by the command line only',
    ],
  ])('%s come later: one sentence says what to give instead', (_name, input, pointer, sentence) => {
    const reading = parseScenario(input, context);
    const problem = reading.ok ? undefined : reading.problems.find((candidate) => candidate.pointer === pointer);
    expect(problem?.message).toContain(sentence);
  });

  test('all problems are told at once: of shape, of numbers, and between fields that are readable', () => {
    const input = scenarioWith({
      months: 'twelve',
      workloads: [
        { ...chat, output_tokens: '1_000', cached_input_share: '80%', cache_write_share: '30%' },
        { ...chat, peak_hour_ratio: 0.5, growth: 1 },
      ],
      tiers: ['openia', 'google'],
      comparison: { baseline: 'openai' },
    });
    expect(problemsOf(input)).toEqual([
      '/months wrong-type',
      '/workloads/0/output_tokens not-a-number',
      '/workloads/1/peak_hour_ratio out-of-range',
      '/workloads/1/growth unknown-key',
      '/workloads/0/cache_write_share shares-over-100',
      '/workloads/1/id duplicate-id',
      '/tiers/0 unknown-tier',
      '/comparison/baseline wrong-tier',
    ]);
  });

  test('what was refused once is not blamed again: a series is not counted against months that are wrong', () => {
    expect(problemsOf({ ...withWorkload({ requests_per_month: { series: [1, 2] } }), months: 'x' })).toEqual([
      '/months wrong-type',
    ]);
  });

  test('the nearest right name is offered in words and for programs', () => {
    const reading = parseScenario(withWorkload({ request_per_month: 5 }), context);
    expect(reading).toMatchObject({
      problems: [
        {
          pointer: '/workloads/0/request_per_month',
          message: '"request_per_month" is not known here. Did you mean "requests_per_month"?',
          suggestions: ['requests_per_month'],
        },
      ],
    });
  });

  test('keys with slashes and tildes are escaped in pointers', () => {
    expect(problemsOf(scenarioWith({ 'a/b~c': 1 }))).toEqual(['/a~1b~0c unknown-key']);
  });
});

describe('limits hold at the limit and refuse one more', () => {
  test.each<[string, unknown, unknown, string]>([
    ['name', scenarioWith({ name: 'x'.repeat(120) }), scenarioWith({ name: 'x'.repeat(121) }), '/name'],
    ['months', scenarioWith({ months: 120 }), scenarioWith({ months: 121 }), '/months'],
    ['workloads', workloads(50), workloads(51), '/workloads'],
    ['rows', rows(200), rows(201), '/rows'],
    [
      'draws',
      scenarioWith({ sampling: { draws: 20_000 } }),
      scenarioWith({ sampling: { draws: 20_001 } }),
      '/sampling/draws',
    ],
    [
      'growth',
      { ...withWorkload({ growth_per_month: '100%' }), months: 20 },
      { ...withWorkload({ growth_per_month: '100%' }), months: 21 },
      '/workloads/0/growth_per_month',
    ],
    [
      'p95',
      withWorkload({ input_tokens: { mean: 1000, p95: 3868 } }),
      withWorkload({ input_tokens: { mean: 1000, p95: 3869 } }),
      '/workloads/0/input_tokens/p95',
    ],
    ['formula', formula(1000), formula(1001), '/rows/0/formula'],
    ['history', history(10_000), history(10_001), '/workloads/0/requests_per_month/history/values'],
    [
      'quantity',
      withWorkload({ requests_per_month: 1e15 }),
      withWorkload({ requests_per_month: '1001T' }),
      '/workloads/0/requests_per_month',
    ],
    ['amount', withBox({ gpu_price: '9999999999999' }), withBox({ gpu_price: '10T' }), '/local/machines/0/gpu_price'],
  ])('%s', (_name, atLimit, beyond, pointer) => {
    expect(problemsOf(atLimit)).toEqual([]);
    const reading = parseScenario(beyond, context);
    expect(reading).toMatchObject({ ok: false, problems: [{ pointer, limit: expect.any(String) }] });
  });

  test('draws × months × tiers are at most 20 million', () => {
    const sized = (draws: number) =>
      withMachines({
        workloads: [{ ...chat, model: Object.fromEntries(context.tiers.map(({ id }) => [id, 'm'])) }],
        hybrid: { local_share: 1, cloud: 'openai' },
        months: 120,
        sampling: { draws },
      });
    expect(20_000 * 120 * 8).toBeLessThan(20_000_000);
    expect(problemsOf(sized(20_000))).toEqual([]);
    const twice = {
      ...context,
      tiers: [...context.tiers, ...many(2, (i) => ({ id: `more_${i}`, label: 'More', runs_machines: true }))],
    };
    expect(parseScenario(sized(20_000), twice)).toMatchObject({
      ok: false,
      problems: [{ pointer: '/sampling/draws', code: 'limit-exceeded', limit: '20000000' }],
    });
  });

  function workloads(count: number) {
    return scenarioWith({ workloads: many(count, (i) => ({ ...chat, id: `w${i}` })) });
  }

  function rows(count: number) {
    return scenarioWith({ rows: many(count, (i) => ({ tier: 'openai', id: `line_${i}`, formula: 1 })) });
  }

  function formula(length: number) {
    return scenarioWith({ rows: [{ tier: 'openai', id: 'line', formula: '1'.repeat(length) }] });
  }

  function history(length: number) {
    return withWorkload({ requests_per_month: { history: { unit: 'day', values: many(length, () => 5) } } });
  }
});

describe('defaults', () => {
  test('the smallest scenario is complete', () => {
    const scenario = parsed(scenarioWith());
    expect(scenario).toMatchObject({
      currency: 'USD',
      start: '2026-12',
      months: 12,
      local: null,
      hybrid: null,
      tiers: [{ id: 'openai', label: null, operations: null }],
      comparison: { baseline: 'openai' },
      sampling: { draws: 10_000, seed: 42 },
      as_of: '2026-11-22',
      prices: [],
      rows: [],
    });
    expect(String(scenario.hours_per_month)).toBe('730');
    expect(scenario.predictability.tolerance.toFixed()).toBe('0.1');
    expect(scenario.predictability.confidence.toFixed()).toBe('0.8');
    expect(scenario.workloads[0]).toMatchObject({
      cache_ttl: '5m',
      volatility: null,
      spikes: null,
      history: null,
      reasoning_tokens: null,
      requests_known: true,
    });
    expect(scenario.workloads[0]?.peak_hour_ratio).toMatchObject({
      kind: 'constant',
      value: expect.objectContaining({}),
    });
    expect(constantOf(scenario.workloads[0]?.peak_hour_ratio)).toBe('1.9');
    expect(constantOf(scenario.operations.hours_per_month)).toBe('0');
    expect(constantOf(scenario.operations.hourly_rate)).toBe('75');
  });

  test('machines have theirs', () => {
    const workloads = [{ ...chat, model: { local: 'm' } }];
    const machine = parsed(withMachines({ workloads })).local?.machines[0];
    const { count, gpus, host_price, utilization_cap, life_months, residual_value, failure_rate_per_year } =
      machine ?? {};
    expect(
      [count, gpus, host_price, utilization_cap, life_months, residual_value, failure_rate_per_year].map(constantOf),
    ).toEqual(['1', '1', '0', '0.7', '36', '0.1', '0.04']);
    expect(machine).toMatchObject({ bought_month: 1, at_end_of_life: 'rebuy', utilization: null });
    const speed = machine?.serving.chat;
    expect(speed).toMatchObject({ input_from: 'stated', output_from: 'stated' });
    expect(speed?.input_tokens_per_s).toEqual(speed?.output_tokens_per_s);
  });

  test('as_of moves the default start to the month after it, start stands where it is given', () => {
    expect(parsed(scenarioWith({ as_of: '2026-12-01' })).start).toBe('2027-01');
    expect(parsed(scenarioWith({ as_of: '2026-12-01', start: '2026-05' })).start).toBe('2026-05');
  });

  test('tiers left out are all that have what they need, in the order they are shown', () => {
    const both = { ...chat, model: { google: 'g', openai: 'm' } };
    const onlyOpenai = { ...chat, id: 'other' };
    const tiers = (input: unknown) => parsed(input).tiers.map(({ id }) => id);
    expect(tiers(scenarioWith({ workloads: [both] }))).toEqual(['openai', 'google']);
    expect(tiers(scenarioWith({ workloads: [both, onlyOpenai] }))).toEqual(['openai']);
    expect(tiers(withMachines({ workloads: [both] }))).toEqual(['local', 'openai', 'google']);
    expect(tiers(withMachines({ hybrid: { local_share: '80%', cloud: 'openai' } }))).toEqual([
      'local',
      'openai',
      'hybrid',
    ]);
  });

  test('the baseline left out is the cloud of the hybrid, else the first cloud, else the first tier', () => {
    const workloads = [{ ...chat, model: { google: 'g', openai: 'm' } }];
    const baseline = (input: unknown) => parsed(input).comparison.baseline;
    expect(baseline(withMachines({ workloads, hybrid: { local_share: '80%', cloud: 'google' } }))).toBe('google');
    expect(baseline(withMachines({ workloads }))).toBe('openai');
    expect(baseline(withMachines({ tiers: ['local'] }))).toBe('local');
  });

  test('a price left out is the typical one of the catalogue, with a warning that names the spread and its source', () => {
    const input = withBox({ gpu_price: undefined });
    delete ((input.local as { machines: Record<string, unknown>[] }).machines[0] as Record<string, unknown>).gpu_price;
    expect(constantOf(parsed(input).local?.machines[0]?.gpu_price)).toBe('2378');
    const reading = parseScenario(input, context);
    const warning = reading.ok ? reading.warnings.find(({ code }) => code === 'catalogue-figure') : undefined;
    expect(warning).toMatchObject({
      pointer: '/local/machines/0/gpu_price',
      message: expect.stringContaining('2378 USD (2000 to 2755; a price list, 2026-06)'),
    });
  });

  test('idle watts left out are those of the catalogue times the GPUs: 2 × 27.5 W', () => {
    const { idle_watts: _, ...rest } = box;
    expect(
      constantOf(parsed(withMachines({ local: { machines: [{ ...rest, gpus: 2 }] } })).local?.machines[0]?.idle_watts),
    ).toBe('55');
  });

  test('a price of the catalogue is in dollars and never taken for another currency', () => {
    const { gpu_price: _, ...rest } = box;
    expect(
      problemsOf(withMachines({ currency: 'EUR', exchange_rates: { USD: 0.86 }, local: { machines: [rest] } })),
    ).toEqual(['/local/machines/0/gpu_price missing']);
  });

  test('a lot bought half a year in stands in month 7, one of before the start in a month below 1', () => {
    const bought = (month: string) =>
      parsed({ ...withBox({ bought: month }), start: '2027-01' }).local?.machines[0]?.bought_month;
    expect([bought('2027-01'), bought('2027-07'), bought('2026-12'), bought('2025-01')]).toEqual([1, 7, 0, -23]);
  });
});

describe('what is worth a warning', () => {
  test('a band that rests on the prior', () => {
    expect(warningsOf(scenarioWith())).toEqual(['/workloads/0/volatility weak-prior']);
    expect(warningsOf(withWorkload({ volatility: '12%' }))).toEqual([]);
    expect(warningsOf(withWorkload({ requests_per_month: { history: { unit: 'month', values: [5] } } }))).toEqual([]);
  });

  test('machines that nobody looks after, and money that costs nothing', () => {
    const workloads = [{ ...chat, volatility: 0 }];
    const known = { operations: { hours_per_month: 5, hourly_rate: 75 }, finance: { cost_of_capital: 0 } };
    expect(warningsOf(withMachines({ workloads }))).toEqual([
      '/operations/hours_per_month no-operator-hours',
      '/finance/cost_of_capital no-cost-of-capital',
    ]);
    expect(warningsOf(withMachines({ workloads, ...known }))).toEqual([]);
    expect(warningsOf(withMachines({ workloads, ...known, operations: { hours_per_month: 5 } }))).toEqual([
      '/operations/hourly_rate default-hourly-rate',
    ]);
    expect(warningsOf(scenarioWith({ workloads, operations: { hourly_rate: 80 } }))).toEqual([]);
  });

  test('electricity within a colocation rate', () => {
    const input = { ...withMachines({ colocation: { per_kw_month: 195 } }), energy: {} };
    expect(warningsOf(input)).toContain('/energy/price_per_kwh energy-in-colocation');
  });

  test('tokens without requests, a lot bought too late, a row nobody sees, a date ahead', () => {
    const tokens = { id: 'a', tokens_per_month: { input: '3M', output: '1M' }, model: { openai: 'm' }, volatility: 0 };
    expect(warningsOf(scenarioWith({ workloads: [tokens] }))).toEqual([
      '/workloads/0/tokens_per_month requests-unknown',
    ]);
    expect(warningsOf({ ...withBox({ bought: '2040-01' }) })).toContain(
      '/local/machines/0/bought bought-after-horizon',
    );
    expect(warningsOf(scenarioWith({ rows: [{ tier: 'google', id: 'audit', formula: 1 }] }))).toContain(
      '/rows/0/tier row-unused',
    );
    expect(warningsOf(scenarioWith({ as_of: '2026-11-23' }))).toContain('/as_of as-of-ahead');
  });
});

describe('what fields mean', () => {
  test('the hybrid is its machines at their share of every workload, and its cloud at the rest', () => {
    const input = withMachines({
      workloads: [chat, { ...chat, id: 'other' }],
      hybrid: { local_share: '70% to 90%', cloud: 'openai' },
    });
    const members = parsed(input).hybrid?.members;
    expect(members?.map(({ tier }) => tier)).toEqual(['local', 'openai']);
    expect(Object.keys(members?.[0]?.shares ?? {})).toEqual(['chat', 'other']);
    expect(members?.[1]?.shares).toBeNull();
  });

  test('operator hours of a tier are its own where it states them, and none for a cloud', () => {
    const tiers = [
      { id: 'openai', label: 'Ours', operations: { hourly_rate: 90 } },
      { id: 'local', operations: { hourly_rate: 60 } },
    ];
    const scenario = parsed(withMachines({ tiers, operations: { hours_per_month: 8, hourly_rate: 75 } }));
    expect(scenario.tiers[0]?.label).toBe('Ours');
    expect(
      scenario.tiers.map(({ operations }) => [operations?.hours_per_month, operations?.hourly_rate].map(constantOf)),
    ).toEqual([
      ['0', '90'],
      ['8', '60'],
    ]);
  });

  test('spikes: none is a chance of 0, spikes left out is the prior', () => {
    expect(constantOf(parsed(withWorkload({ spikes: 'none' })).workloads[0]?.spikes?.chance_per_month)).toBe('0');
    expect(parsed(withWorkload({})).workloads[0]?.spikes).toBeNull();
  });

  test('tokens per month with requests give tokens per request: 360M ÷ 300k = 1200', () => {
    const input = scenarioWith({
      workloads: [
        {
          id: 'a',
          requests_per_month: '300k',
          tokens_per_month: { input: '360M', output: '90M to 110M' },
          model: { openai: 'm' },
        },
      ],
    });
    const workload = parsed(input).workloads[0];
    expect(constantOf(workload?.input_tokens)).toBe('1200');
    expect(workload?.output_tokens).toMatchObject({
      distribution: { kind: 'lognormal', mu: expect.closeTo(0.5 * Math.log((90e6 * 110e6) / 300e3 ** 2), 10) },
    });
    expect(workload?.requests_known).toBe(true);
  });

  test('tokens per month alone are one bundle, and tokens stated twice are refused', () => {
    const tokens = { id: 'a', tokens_per_month: { input: '360M', output: '90M' }, model: { openai: 'm' } };
    expect(parsed(scenarioWith({ workloads: [tokens] })).workloads[0]).toMatchObject({ requests_known: false });
    expect(problemsOf(scenarioWith({ workloads: [{ ...tokens, input_tokens: 5 }] }))).toEqual([
      '/workloads/0/input_tokens conflict',
    ]);
    expect(problemsOf(scenarioWith({ workloads: [{ ...tokens, requests_per_month: '1 to 2' }] }))).toEqual([
      '/workloads/0/requests_per_month conflict',
    ]);
  });

  test('a history stands for requests: its last month, or four weeks of it made a month', () => {
    const last = (history: unknown) =>
      constantOf(parsed(withWorkload({ requests_per_month: { history } })).workloads[0]?.requests_per_month);
    expect(last({ unit: 'month', values: [5, '1.2k', null] })).toBe('1200');
    expect(last({ unit: 'week', values: [9, 84, 84, 84, 84] })).toBe('365'); // 84 × 365 ÷ 84
    expect(last({ unit: 'day', values: [...many(30, () => 7), ...many(28, () => 12)] })).toBe('365'); // 12 × 365 ÷ 12
  });

  test('a row without label, unit and behaviour gets them; a formula may be a plain number', () => {
    const rows = [
      { tier: 'openai', id: 'security_audit', perimeter: 'bill', formula: 5000 },
      { tier: 'google', id: 'security_audit', unit: 'h', formula: 'MAX(1, 2)' },
    ];
    expect(parsed(scenarioWith({ rows })).rows).toEqual([
      {
        tier: 'openai',
        id: 'security_audit',
        label: 'Security audit',
        unit: 'USD',
        perimeter: 'bill',
        behaviour: 'fixed',
        formula: '5000',
      },
      {
        tier: 'google',
        id: 'security_audit',
        label: 'Security audit',
        unit: 'h',
        perimeter: null,
        behaviour: 'fixed',
        formula: 'MAX(1, 2)',
      },
    ]);
  });

  test('prices of one model may follow each other without a gap', () => {
    const prices = [
      { provider: 'openai', model: 'm', input: '0.40', to: '2027-03-01' },
      { provider: 'openai', model: 'm', input: 0.3, output: 1, from: '2027-03-01' },
    ];
    expect(
      parsed(scenarioWith({ prices })).prices.map(({ from, to, meters }) => [
        from,
        to,
        Object.entries(meters).map(([meter, price]) => `${meter} ${price.toFixed()}`),
      ]),
    ).toEqual([
      [null, '2027-03-01', ['input 0.4']],
      ['2027-03-01', null, ['input 0.3', 'output 1']],
    ]);
  });

  test('workloads and machines may be called what a row may not: w1, h100', () => {
    expect(
      problemsOf(withMachines({ workloads: [{ ...chat, id: 'w1' }], local: { machines: [{ ...box, id: 'h100' }] } })),
    ).toEqual([]);
  });

  test('editors may name the schema in JSON', () => {
    expect(problemsOf(scenarioWith({ $schema: '../scenario.schema.json' }))).toEqual([]);
  });
});

function constantOf(quantity: unknown): string {
  const { kind, value } = quantity as { kind: string; value: { toFixed: () => string } };
  return kind === 'constant' ? value.toFixed() : kind;
}

/** As JSON would bring it: a key that is undefined is not there. */
function withoutUndefined(input: unknown): unknown {
  return input === undefined ? undefined : JSON.parse(JSON.stringify(input));
}
