import type { Dimension } from '../model/dimensions.ts';
import type { Machine, Scenario, Workload } from '../scenario/scenario.ts';

/** What an input is read from: an object of the scenario, how its paths are written, and where its figures come from. */
export type InputSubject = {
  readonly object: unknown;
  readonly suffix: string;
  readonly path: (inner: string) => string;
  readonly sourceOf: (path: string) => string;
  /** The least that the figure may be changed to in a workbook, where that is more than the field takes. */
  readonly leastOf?: (path: string) => string | undefined;
};

/** The scenario, or the workload, machine, size, serving or tariff period that an instance of an input stands for. */
export function subjectOf(scenario: Scenario, per: Dimension | null, instance: string | null): InputSubject {
  const sourceOf = (): string => 'Scenario';
  switch (per) {
    case null:
      return { object: scenario, suffix: '', path: (inner) => inner, sourceOf };
    case 'workload': {
      const workload: Workload | undefined = scenario.workloads.find(({ id }) => id === instance);
      return {
        object: workload,
        suffix: instance ?? '',
        path: (inner) => `workloads.${instance}.${inner}`,
        sourceOf: (path) =>
          path.startsWith('served_model.') ? (workload?.served_model?.source ?? 'Scenario') : 'Scenario',
      };
    }
    case 'machine': {
      const machine: Machine | undefined = scenario.local?.machines.find(({ id }) => id === instance);
      return {
        object: machine,
        suffix: instance ?? '',
        path: (inner) => `local.machines.${instance}.${inner}`,
        sourceOf: (path) => machine?.sources[path] ?? 'Scenario',
        leastOf: (path) => machine?.least[path],
      };
    }
    case 'step':
    case 'size_step':
    case 'size': {
      const [workload, position] = (instance ?? '').split('/');
      const size = scenario.workloads.find(({ id }) => id === workload)?.sizes[Number(position) - 1];
      return {
        object: size,
        suffix: `${workload}, size ${position}`,
        path: (inner) => `workloads.${workload}.sizes.${position}.${inner}`,
        sourceOf,
      };
    }
    case 'serving': {
      const [machine, workload] = (instance ?? '').split('/');
      const serving = scenario.local?.machines.find(({ id }) => id === machine)?.serving[workload ?? ''];
      // A speed stated for the whole lot is one input, whichever workload reads it.
      const isShared = serving?.at === 'throughput';
      return {
        object: serving,
        suffix: isShared ? (machine ?? '') : `${machine}, ${workload}`,
        path: (inner) => `local.machines.${machine}.${serving?.at}.${inner}`,
        sourceOf: (path) =>
          serving?.step != null && path.startsWith('step.')
            ? `Laid through ${serving.step.points} measured points of ${serving.step.source ?? 'the scenario'}, worst error ${serving.step.worst_error.times(100).toFixed(1)} %`
            : 'Scenario',
      };
    }
    case 'tariff':
      return {
        object: scenario.energy.time_of_use.find(({ id }) => id === instance),
        suffix: instance ?? '',
        path: (inner) => `energy.time_of_use.${instance}.${inner}`,
        sourceOf,
      };
  }
}
