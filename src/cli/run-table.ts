import type { RunView } from '../services/runs/runs.ts';
import type { Table } from './table.ts';

export function runTable(runs: readonly RunView[]): Table {
  return {
    columns: [
      { id: 'id', title: 'Id' },
      { id: 'period', title: 'Covers' },
      { id: 'state', title: 'State' },
      { id: 'trigger', title: 'Trigger' },
    ],
    rows: runs.map(({ id, period, state, trigger }) => [id, period ?? '', state, trigger]),
  };
}
