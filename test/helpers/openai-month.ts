/** What a fake OpenAI asks for, and what must never be seen anywhere. */
export const openaiKey = 'sk-admin-planted-canary-6789';

/** 10,000 requests of 2,000 tokens in at 0.75 and 500 out at 4.50 USD a million: 15.00 + 22.50 = 37.50 in the base case. */
export function steadyScenario(over: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    name: 'Support <assistant>',
    start: '2026-09',
    months: 6,
    workloads: [
      {
        id: 'chat',
        requests_per_month: 10_000,
        volatility: '10%',
        spikes: 'none',
        input_tokens: 2000,
        output_tokens: 500,
        model: { openai: 'gpt-5.4-mini', anthropic: 'claude-haiku-4-5' },
      },
    ],
    price_changes: 'none',
    tiers: ['openai'],
    sampling: { draws: 500, seed: 7 },
    ...over,
  };
}

/** A day of OpenAI's cost report: millions of tokens in and out of the model of that scenario, at its prices. */
export function costDay(date: string, millionsIn: number, millionsOut: number): unknown {
  const cost = (name: string, millions: number, price: number) => ({
    object: 'organization.costs.result',
    amount: { value: millions * price, currency: 'usd' },
    line_item: `gpt-5.4-mini-2026-03-17, ${name}`,
    project_id: 'proj_1',
    quantity: millions * 1_000_000,
  });
  return costBucket(date, [cost('input', millionsIn, 0.75), cost('output', millionsOut, 4.5)]);
}

/** A day of OpenAI's cost report with the results given. */
export function costBucket(date: string, results: readonly unknown[]): unknown {
  const start_time = Date.parse(date) / 1_000;
  return { object: 'bucket', start_time, end_time: start_time + 86_400, results };
}
