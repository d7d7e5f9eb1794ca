import { describe, expect, test } from '@jest/globals';
import type { ScenarioContext } from '../../../src/core/scenario/parse.ts';
import { parseScenario } from '../../../src/core/scenario/parse.ts';
import type { Machine, Scenario } from '../../../src/core/scenario/scenario.ts';
import { loadHardware } from '../../../src/files/hardware.ts';
import { loadOpenModels } from '../../../src/files/llms.ts';
import { box, chat, context as plain, problemsOf, scenarioWith, warningsOf, withBox, withMachines } from './example.ts';

const [hardware, llms] = await Promise.all([loadHardware('models/hardware.yaml'), loadOpenModels('models/llms.yaml')]);
const context: ScenarioContext = { ...plain, hardware, llms };

const { gpu_price: _price, ...unpriced } = box;

function withCatalogue(machine: object, workload: object = {}, parts: object = {}): unknown {
  const local = { model: { local: 'llama-3.3-70b' } };
  return scenarioWith({
    workloads: [{ ...chat, ...local, ...workload }],
    local: { machines: [{ id: 'box', gpu_price: 1, idle_watts: 60, load_watts: 500, ...machine }] },
    energy: { price_per_kwh: 0.2 },
    ...parts,
  });
}

function found(
  input: unknown,
): readonly { code: string; pointer: string; message: string; suggestions?: readonly string[] }[] {
  const reading = parseScenario(input, context);
  return reading.ok ? [] : reading.problems;
}

function parsed(input: unknown): Scenario {
  const reading = parseScenario(input, context);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems, null, 1));
  return reading.scenario;
}

function machineOf(input: unknown): Machine {
  return parsed(input).local?.machines[0] as Machine;
}

describe('what would be paid twice', () => {
  test.each([
    [
      'a price beside a lease',
      { ...box, lease: { per_month: 100 } },
      '/local/machines/0/gpu_price double-count-purchase',
    ],
    [
      'a price beside a rent',
      { ...box, rent: { per_gpu_hour: 2 } },
      '/local/machines/0/gpu_price double-count-purchase',
    ],
    [
      'a residual value of a leased machine',
      { ...unpriced, lease: { per_month: 100 }, residual_value: '10%' },
      '/local/machines/0/residual_value double-count-purchase',
    ],
    [
      'a loan on a lease',
      { ...unpriced, lease: { per_month: 100 }, loan: { rate: '5%', months: 12 } },
      '/local/machines/0/loan conflict',
    ],
    [
      'a lease and a rent',
      { ...unpriced, lease: { per_month: 100 }, rent: { per_gpu_hour: 1 } },
      '/local/machines/0/rent conflict',
    ],
    ['two prices of electricity', box, '/energy/time_of_use conflict'],
  ])('%s is refused', (_name, machine, problem) => {
    const time_of_use = [
      { id: 'a', price_per_kwh: 0.1, share_of_hours: 0.5 },
      { id: 'b', price_per_kwh: 0.2, share_of_hours: 0.5 },
    ];
    const energy = { price_per_kwh: 0.2, ...(problem.startsWith('/energy') && { time_of_use }) };
    expect(problemsOf(withMachines({ local: { machines: [machine] }, energy }))).toContain(problem);
  });

  test('colocation and electricity together are warned of, until it is said which the rate holds', () => {
    const at = '/colocation/power double-count-power';
    const both = { colocation: { per_kw_month: 195 } };
    expect(warningsOf(withMachines(both))).toContain(at);
    for (const power of ['metered', 'included'])
      expect(warningsOf(withMachines({ colocation: { per_kw_month: 195, power } }))).not.toContain(at);
  });

  test('a PUE beside a colocation rate is warned of, unless the power is said to be metered beside it', () => {
    const at = '/energy/pue double-count-pue';
    const site = (power: string | undefined, pue: number | undefined, housed?: string) =>
      warningsOf(
        withMachines({
          local: { machines: [{ ...box, ...(housed && { housed }) }] },
          energy: { price_per_kwh: 0.2, ...(pue && { pue }) },
          colocation: { per_kw_month: 195, ...(power && { power }) },
        }),
      );
    expect(site('metered', 1.5)).not.toContain(at);
    for (const power of [undefined, 'included']) {
      expect(site(power, 1.5)).toContain(at);
      expect(site(power, 1)).not.toContain(at);
      expect(site(power, undefined)).not.toContain(at);
      expect(site(power, 1.5, 'premises')).not.toContain(at);
    }
  });

  test('a maintenance contract and a failure reserve are warned of, until it is said what the contract covers', () => {
    const at = '/local/machines/0/maintenance/covers_repairs double-count-support';
    expect(warningsOf(withBox({ maintenance: { share_per_year: '5%' } }))).toContain(at);
    for (const covers_repairs of [true, false])
      expect(warningsOf(withBox({ maintenance: { share_per_year: '5%', covers_repairs } }))).not.toContain(at);
  });

  test('a residual value and a change of value are refused together', () => {
    expect(problemsOf(withBox({ residual_value: '10%', value_change_per_year: '-20%' }))).toEqual([
      '/local/machines/0/value_change_per_year conflict',
    ]);
  });
});

describe('a machine that cannot hold the model', () => {
  test('is refused with the smallest that could: more of the same, or one device', () => {
    const [problem, ...others] = found(
      withCatalogue({ gpu: 'rtx-4090', throughput: { total_tokens_per_s: 100 } }, { quantization: 'q4' }),
    );
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: 'model-does-not-fit', pointer: '/local/machines/0/gpu' });
    // 70.6 billion parameters at 0.61 bytes
    expect(problem?.message).toContain('43.07 for weights');
    expect(problem?.message).toContain('2 × NVIDIA GeForce RTX 4090, or one NVIDIA RTX A6000 (48 GB)');
    expect(problem?.suggestions).toEqual(['rtx-a6000']);
  });

  test('is the one whose memory is short of weights and one request, and no other', () => {
    const fits = (gpus: number, quantization: string): boolean =>
      found(withCatalogue({ gpu: 'rtx-4090', gpus, throughput: { total_tokens_per_s: 100 } }, { quantization }))
        .length === 0;
    expect([fits(1, 'q4'), fits(2, 'q4'), fits(2, 'fp8'), fits(3, 'fp8'), fits(5, 'bf16'), fits(6, 'bf16')]).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  test('is given the benefit of the doubt where a speed was measured and nobody says how weights are stored', () => {
    const measured = { gpus: 2, throughput: { total_tokens_per_s: 100 } };
    expect(found(withCatalogue({ gpu: 'rtx-4090', ...measured }))).toEqual([]);
    expect(found(withCatalogue({ gpu: 'rtx-4090', gpus: 2 })).map(({ code }) => code)).toEqual(['model-does-not-fit']);
  });

  describe('with several models resident at once', () => {
    const speed = { throughput: { total_tokens_per_s: 100 } };
    const served = (id: string, local: string): object => ({ ...chat, id, model: { local }, quantization: 'q4' });
    const both = (machine: object, second: string): unknown =>
      withCatalogue(
        { ...speed, ...machine },
        {},
        { workloads: [served('chat', 'llama-3.3-70b'), served('code', second)] },
      );

    test('is the one that holds each of them, but not all together', () => {
      // 70.6 and 8.03 billion parameters at 0.61 bytes, 1,500 tokens of 327,680 and of 131,072 bytes: 48.66 GB of 48
      const [problem, ...others] = found(both({ gpu: 'rtx-a6000' }, 'llama-3.1-8b'));
      expect(others).toEqual([]);
      expect(problem?.message).toContain('47.96 for weights (43.07 + 4.898)');
      expect(problem?.message).toContain('0.6881 for the context of one request of each workload');
      expect(problem?.message).toContain('2 × NVIDIA RTX A6000, or one NVIDIA A100');
      expect(found(both({ gpu: 'rtx-a6000', gpus: 2 }, 'llama-3.1-8b'))).toEqual([]);
    });

    test('loads the weights once for two workloads with the same model', () => {
      expect(found(both({ gpu: 'rtx-a6000' }, 'llama-3.3-70b'))).toEqual([]);
    });

    test('has memory for requests that its weights leave, where a speed is reckoned', () => {
      const reckoned = { gpu: 'h100-nvl', throughput: { input_tokens_per_s: 5000 } };
      const loads = (second: string) =>
        parsed(both(reckoned, second)).workloads.map(({ served_model }) => served_model?.loads_weights);
      expect(loads('llama-3.1-8b')).toEqual([1, 1]);
      expect(loads('llama-3.3-70b')).toEqual([1, 0]);
    });
  });

  test('may be one of the user’s own, serving a model of the user’s own', () => {
    const llms = [{ id: 'mine', parameters_b: 30, layers: 48, kv_heads: 8, head_dim: 128, bytes_per_parameter: 1 }];
    const mine = (memory_gb: number): unknown =>
      withCatalogue(
        { gpu: 'custom', memory_gb, bandwidth_gb_per_s: 1000, tflops: 200 },
        { model: { local: 'mine' } },
        { llms },
      );
    expect(found(mine(24)).map(({ code }) => code)).toEqual(['model-does-not-fit']);
    expect(machineOf(mine(48)).roofline).not.toBeNull();
  });
});

describe('speed', () => {
  test('comes from a statement, from measured points, or from the roofline, for each workload by itself', () => {
    const workloads = ['chat', 'search', 'coding'].map((id) => ({ ...chat, id, model: { local: 'llama-3.1-8b' } }));
    const points = [
      { batch: 4, output_tokens_per_s: 210 },
      { batch: 48, output_tokens_per_s: 1190 },
    ];
    const throughput = {
      input_tokens_per_s: 5000,
      workloads: { search: { output_tokens_per_s: 700 }, coding: { points } },
    };
    const { serving } = machineOf(withCatalogue({ gpu: 'l40s', throughput }, {}, { workloads }));
    expect(Object.entries(serving).map(([id, speed]) => [id, speed.input_from, speed.output_from])).toEqual([
      ['chat', 'stated', 'roofline'],
      ['search', 'stated', 'stated'],
      ['coding', 'stated', 'points'],
    ]);
  });

  test('that is reckoned is warned of as such', () => {
    const reading = parseScenario(withCatalogue({ gpu: 'h100-sxm' }, { model: { local: 'llama-3.1-8b' } }), context);
    expect(reading.ok && reading.warnings.map(({ code }) => code)).toContain('roofline-prior');
  });

  test('that can neither be read nor reckoned is missing, with what would be needed', () => {
    const [unknown] = found(withCatalogue({ gpu: 'rtx-4090' }, { model: { local: 'nobody-knows' } }));
    expect(unknown).toMatchObject({ code: 'missing', pointer: '/local/machines/0/throughput' });
    const [mac] = found(withCatalogue({ gpu: 'mac-studio-m4-max' }, { model: { local: 'llama-3.1-8b' } }));
    expect(mac?.message).toContain('without tflops none can be reckoned');
  });

  test.each([
    [
      'one figure and points',
      {
        output_tokens_per_s: 900,
        points: [
          { batch: 1, output_tokens_per_s: 50 },
          { batch: 8, output_tokens_per_s: 300 },
        ],
      },
      'points conflict',
    ],
    [
      'points of one batch',
      {
        points: [
          { batch: 8, output_tokens_per_s: 50 },
          { batch: 8, output_tokens_per_s: 300 },
        ],
      },
      'points points-malformed',
    ],
    ['a single point', { points: [{ batch: 8, output_tokens_per_s: 50 }] }, 'points too-short'],
    [
      'a workload that is none',
      { total_tokens_per_s: 9, workloads: { chit: { total_tokens_per_s: 9 } } },
      'workloads/chit unknown-workload',
    ],
  ])('from %s is refused', (_name, throughput, problem) => {
    const machine = { gpu: 'l40s', throughput: { input_tokens_per_s: undefined, ...throughput } };
    const input = withCatalogue(
      { ...machine, throughput: JSON.parse(JSON.stringify(machine.throughput)) },
      { model: { local: 'llama-3.1-8b' } },
    );
    expect(found(input).map(({ pointer, code }) => `${pointer} ${code}`)).toContain(
      `/local/machines/0/throughput/${problem}`,
    );
  });

  test('served in larger batches than were measured is warned of', () => {
    const throughput = {
      input_tokens_per_s: 5000,
      batch: 64,
      points: [
        { batch: 4, output_tokens_per_s: 210 },
        { batch: 48, output_tokens_per_s: 1190 },
      ],
    };
    const reading = parseScenario(
      withCatalogue({ gpu: 'l40s', throughput }, { model: { local: 'llama-3.1-8b' } }),
      context,
    );
    expect(reading.ok && reading.warnings.map(({ code }) => code)).toContain('beyond-measured');
  });
});

describe('terms that do not go together', () => {
  test.each([
    ['a sale before the purchase', { bought: '2027-06', sold: { month: '2027-03' } }, 'sold/month out-of-range'],
    ['a sale and a retirement', { sold: { month: '2027-03' }, retired: '2027-04' }, 'retired conflict'],
    [
      'a sale after the retirement at the end of life',
      { life_months: 3, at_end_of_life: 'retire', sold: { month: '2027-06' } },
      'sold/month conflict',
    ],
    [
      'a loan that outlasts the machine',
      { life_months: 12, loan: { rate: '5%', months: 24 } },
      'loan/months out-of-range',
    ],
    [
      'a resale value that falls to nothing',
      { depreciation: 'resale-value', residual_value: 0 },
      'residual_value conflict',
    ],
    ['colocation without a rate', { housed: 'colocation' }, 'housed conflict'],
    ['a move into colocation without a rate', { moved: { month: '2027-03', to: 'colocation' } }, 'moved/to conflict'],
  ])('%s', (_name, terms, problem) => {
    expect(problemsOf({ ...withBox(terms), start: '2027-01' })).toContain(`/local/machines/0/${problem}`);
  });

  test('periods of a tariff share out all hours, and all work or none of it', () => {
    const period = (id: string, share_of_hours: number, share_of_load?: number) => ({
      id,
      price_per_kwh: 0.2,
      share_of_hours,
      ...(share_of_load !== undefined && { share_of_load }),
    });
    const problems = (...time_of_use: readonly object[]): readonly string[] =>
      problemsOf(withMachines({ energy: { time_of_use } }));
    expect(problems(period('day', 0.6), period('night', 0.4))).toEqual([]);
    expect(problems(period('day', 0.6), period('night', 0.3))).toEqual(['/energy/time_of_use shares-do-not-add-up']);
    expect(problems(period('day', 0.6, 0.5), period('night', 0.4))).toContain('/energy/time_of_use incomplete');
  });

  test('rented GPUs need no watts and no price of electricity', () => {
    const { idle_watts: _idle, load_watts: _load, ...rented } = unpriced;
    expect(
      problemsOf(withMachines({ local: { machines: [{ ...rented, rent: { per_gpu_hour: 2 } }] }, energy: undefined })),
    ).toEqual([]);
  });
});
