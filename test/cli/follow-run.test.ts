import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { followRun } from '../../src/cli/follow-run.ts';
import { connectService } from '../../src/cli/service.ts';
import type { RunView } from '../../src/services/runs/runs.ts';

const run: RunView = {
  id: 'run_followed',
  kind: 'import-bills',
  state: 'running',
  trigger: 'request',
  schedule_id: null,
  period: null,
  attempt: 1,
  progress: { done: 1, total: 2, unit: 'lines' },
  result: null,
  error: null,
  cancel_requested: false,
  created_at: '2026-11-22T12:00:00.000Z',
  started_at: '2026-11-22T12:00:00.000Z',
  ended_at: null,
};

type Answered = { readonly status: number; readonly body: object } | 'hang up';

/** Follows a run at a service that answers each look with the next of these. */
async function follow(...answers: Answered[]): Promise<{ result: unknown; said: readonly string[] }> {
  const server = createServer((_request, response) => {
    const answer = answers.shift() ?? 'hang up';
    if (answer === 'hang up') response.destroy();
    else response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { call } = await connectService(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, null);
  const said: string[] = [];
  const progress = {
    show: (done: number, total: number, what: string) => void said.push(`${done}/${total} ${what}`),
    say: (what: string) => void said.push(what),
    end: () => {},
  };
  try {
    return { result: await followRun(call, run, progress), said };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const ended = { ...run, ended_at: '2026-11-22T12:00:01.000Z' };

test('a run is followed through a restart of the service and until it has ended', async () => {
  expect(
    await follow(
      { status: 200, body: { ...run, state: 'queued' } },
      'hang up',
      { status: 503, body: { status: 503, detail: 'The service is stopping.' } },
      { status: 200, body: run },
      { status: 200, body: { ...ended, state: 'succeeded', result: { stored: true } } },
    ),
  ).toEqual({
    result: { stored: true },
    said: [
      'run_followed waits for a worker …',
      'run_followed: no answer for the moment …',
      'run_followed: no answer for the moment …',
      '1/2 of 2 lines',
    ],
  });
});

test('a run that was cancelled says how to try it again; one that is not there ends the command', async () => {
  await expect(follow({ status: 200, body: { ...ended, state: 'cancelled' } })).rejects.toMatchObject({
    exitCode: 1,
    lines: ['run_followed was cancelled: nothing was stored. Try it again with: infercast runs retry run_followed'],
  });
  await expect(follow({ status: 404, body: { detail: 'There is no run run_followed.' } })).rejects.toMatchObject({
    exitCode: 2,
  });
});
