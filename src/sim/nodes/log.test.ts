import { describe, expect, it } from 'vitest';
import type { LogSpec, NodeSpec, WorkersSpec } from '../flow.ts';
import { keyOf } from '../kernel/keys.ts';
import { Simulation } from '../kernel/simulation.ts';
import { messageFlow, runMessages, stateOf } from '../testing/messageRun.ts';
import type { Log } from './log.ts';

const work = (workMs: number) => ({ handler: [{ do: 'work' as const, name: 'do', workMs }] });

/** 12 requests, all at the start, into a log. */
function logFlow(
  log: Partial<LogSpec>,
  workers: Partial<WorkersSpec>,
  more: Record<string, NodeSpec> = {},
) {
  const flow = messageFlow({
    users: { ratePerS: 1000, limit: 12 },
    workers: { ...work(1000), ...workers },
    more,
  });
  const q: LogSpec = { kind: 'log', partitions: 3, ...log };
  return { ...flow, nodes: { ...flow.nodes, q } };
}
const partitionOf = (request: number) => keyOf(request, 3);
const requestsOf = (log: readonly string[], event: string) =>
  log.filter((line) => line.includes(event)).map((line) => Number(line.split(' ').at(-1)));

describe('a partitioned log', () => {
  it('is read in order in every partition, and by no more workers than partitions', () => {
    const { log, simulation } = runMessages(logFlow({}, { workers: 10 }), 100);
    for (let partition = 0; partition < 3; partition++) {
      const order = requestsOf(log, 'ack').filter((request) => partitionOf(request) === partition);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    const most = Math.max(
      ...[0, 1, 2].map(
        (p) => Array.from({ length: 12 }, (_, k) => k).filter((k) => partitionOf(k) === p).length,
      ),
    );
    const last = Number(log.at(-1)!.split(' ')[0]);
    expect(Math.floor(last)).toBe(most);
    expect(simulation.messages.live).toBe(0);
  });

  it('has offsets for every group: a slow one lags, the other does not', () => {
    const slow: WorkersSpec = { kind: 'workers', consumes: 'q', workers: 3, ...work(10_000) };
    const { simulation } = runMessages(logFlow({}, { workers: 3 }, { slow }), 9, []);
    const log = simulation.nodes.find((node) => node.id === 'q') as Log;
    expect(log.lag(0)).toBe(0);
    expect(log.lag(1)).toBe(12);
    simulation.advance(200);
    expect(log.lag(1)).toBe(0);
    expect(simulation.messages.live).toBe(0);
  });

  it('blocks the partition of a failing record, not the others, and skips it after its attempts', () => {
    const flow = {
      ...logFlow({ retryDelayS: 5, maxAttempts: 3 }, { workers: 3 }),
      schedule: [{ timeS: 0, action: { do: 'poison', node: 'w' } as const }],
    };
    const { log, simulation } = runMessages(flow, 100, ['deliver', 'ack', 'dead-letter']);
    expect(requestsOf(log, 'deliver').filter((request) => request === 0)).toHaveLength(3);
    // 1 s of work and 5 s of delay, three times without the last delay: skipped at 13 s.
    expect(log).toContain('13.001 dead-letter 0');
    for (const line of log.filter((entry) => entry.includes('ack'))) {
      const [timeS, , request] = line.split(' ').map(Number);
      if (partitionOf(request) === partitionOf(0)) expect(timeS).toBeGreaterThan(13);
      else expect(timeS).toBeLessThan(9);
    }
    expect(stateOf(simulation, 'q').skipped).toBe(1);
    expect(stateOf(simulation, 'q').commits).toBe(11);
  });

  it('is read on by others after the session timeout, from the committed offset', () => {
    const flow = {
      ...logFlow({ sessionTimeoutS: 10 }, { workers: 3, batch: 4, acknowledge: 'batch' }),
      schedule: [{ timeS: 2.5, action: { do: 'kill', node: 'w', downS: 100 } as const }],
    };
    const { log, simulation } = runMessages(flow, 80, ['deliver', 'ack', 'crash']);
    expect(requestsOf(log, 'ack').sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, k) => k),
    );
    // What the dead worker had done of its batch was not committed: done again.
    expect(stateOf(simulation, 'w').duplicateEffects).toBeGreaterThan(0);
    const late = log.filter(
      (line) => line.includes('deliver') && Number(line.split(' ')[0]) >= 12.5,
    );
    expect(late.length).toBeGreaterThan(0);
    expect(simulation.messages.live).toBe(0);
  });

  it('takes a partition from a worker that does not poll in time', () => {
    const flow = logFlow({ partitions: 1, maxPollIntervalS: 3 }, { workers: 2, ...work(4000) });
    const simulation = new Simulation(flow, { seed: 1, observe: 'none' });
    simulation.advance(30);
    // Every record takes longer than the interval: no commit is ever in time.
    expect(stateOf(simulation, 'q').commits).toBe(0);
    expect(stateOf(simulation, 'q').staleCommits).toBeGreaterThan(3);
    simulation.apply({ do: 'set', path: 'q.maxPollIntervalS', value: 10 });
    simulation.advance(200);
    expect(stateOf(simulation, 'q').commits).toBe(12);
  });

  it('loses to a group what it has not read within the retention', () => {
    const { simulation } = runMessages(logFlow({ partitions: 1, retentionS: 3.5 }, {}), 60, []);
    expect(stateOf(simulation, 'q').commits).toBe(4);
    expect(stateOf(simulation, 'q').expired).toBe(8);
  });

  it('runs the same from a checkpoint, whatever crashes and fails', () => {
    const flow = messageFlow({
      users: { arrivals: 'poisson', ratePerS: 30, limit: 600 },
      workers: {
        workers: 4,
        batch: 5,
        failureRate: 0.1,
        crashRate: 0.05,
        startUpS: 2,
        ...work(50),
      },
    });
    const q: LogSpec = { kind: 'log', partitions: 6, sessionTimeoutS: 1, keys: 50 };
    const simulation = new Simulation(
      { ...flow, nodes: { ...flow.nodes, q } },
      { seed: 5, observe: 'none' },
    );
    simulation.advance(10);
    const checkpoint = simulation.checkpoint();
    simulation.advance(500);
    const once = JSON.stringify(stateOf(simulation, 'q'));
    simulation.restore(checkpoint);
    simulation.advance(500);
    expect(JSON.stringify(stateOf(simulation, 'q'))).toBe(once);
    expect(stateOf(simulation, 'q').commits + stateOf(simulation, 'q').skipped).toBe(600);
    expect(simulation.messages.live).toBe(0);
    expect(simulation.requests.live).toBe(0);
    expect(simulation.jobs.live).toBe(0);
  });
});
