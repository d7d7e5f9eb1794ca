/** The example of the API's documentation: small, and it runs. */
export const sampleScenario = {
  name: 'Support assistant',
  months: 12,
  workloads: [
    {
      id: 'chat',
      requests_per_month: '250k to 400k',
      input_tokens: 1200,
      output_tokens: 300,
      model: { openai: 'gpt-5.4-mini', anthropic: 'claude-haiku-4-5' },
    },
  ],
  tiers: ['openai', 'anthropic'],
  sampling: { draws: 2000, seed: 42 },
};
