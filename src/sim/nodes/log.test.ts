import { describe, expect, it } from 'vitest';
import type { Flow, LogSpec, NodeSpec, TimedInput, WorkersSpec } from '../flow.ts';
import { keyOf } from '../kernel/keys.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';
import { messageFlow, runMessages, set, stateOf } from '../testing/messageRun.ts';
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
    expect([log.backlogOf(3), log.backlogOf(4), log.backlog]).toEqual([0, 12, 12]);
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

/** 4 partitions; nodes "w" and "v" are one group, and a message takes 100 ms. */
function groupFlow(
  log: Partial<LogSpec>,
  workers: readonly [Partial<WorkersSpec>, Partial<WorkersSpec>],
  users: Parameters<typeof messageFlow>[0] = {},
) {
  const flow = messageFlow({
    users: { arrivals: 'poisson', ratePerS: 30, limit: 600 },
    ...users,
    workers: { group: 'team', ...workers[0] },
    more: {
      v: {
        kind: 'workers',
        consumes: 'q',
        group: 'team',
        workers: 1,
        ...work(100),
        ...workers[1],
      },
    },
  });
  const q: LogSpec = { kind: 'log', partitions: 4, ...log };
  return { ...flow, nodes: { ...flow.nodes, q } };
}

/** By partition, the owner: node and cell, for example `w0`. */
function ownersOf(simulation: Simulation): string[] {
  const { owners } = stateOf(simulation, 'q') as unknown as Log['state'];
  return [...owners.owner].map((member) => `${'wv'[member % 2]}${Math.floor(member / 2)}`);
}

describe('a consumer group of two nodes', () => {
  const run = (flow: ReturnType<typeof groupFlow>, untilS: number) => {
    const simulation = new Simulation(flow, { seed: 1, observe: 'metrics' });
    simulation.advance(untilS);
    return simulation;
  };
  const settle = (simulation: Simulation, untilS: number) => {
    simulation.advance(untilS);
    expect(simulation.messages.live).toBe(0);
    expect(simulation.jobs.live).toBe(0);
    expect(stateOf(simulation, 'q').commits).toBe(600);
    expect(stateOf(simulation, 'w').effects + stateOf(simulation, 'v').effects).toBe(600);
    expect(stateOf(simulation, 'q').staleCommits).toBe(0);
  };

  it('shares the partitions evenly: every record is for one of them, in order, and the lag is one', () => {
    const flow = groupFlow({}, [{ workers: 2 }, { workers: 2 }]);
    const { simulation, log } = runMessages(flow, 10, ['ack']);
    expect(ownersOf(simulation).sort()).toEqual(['v0', 'v1', 'w0', 'w1']);
    const { executions } = stateOf(simulation, 'w');
    const other = stateOf(simulation, 'v').executions;
    expect(executions).toBeGreaterThan(80);
    expect(other).toBeGreaterThan(80);
    for (let partition = 0; partition < 4; partition++) {
      const order = requestsOf(log, 'ack').filter((number) => keyOf(number, 4) === partition);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    const again = run(flow, 10);
    const { consumerLag } = again.report().nodes['q'];
    expect(Object.keys(consumerLag!)).toEqual(['team']);
    expect(consumerLag!['team']).toBe(stateOf(again, 'q').published - stateOf(again, 'q').commits);
    settle(again, 60);
  });

  it('gives the idle ones nothing: five workers on four partitions', () => {
    const simulation = run(groupFlow({}, [{ workers: 1 }, { workers: 4 }]), 10);
    expect(ownersOf(simulation).sort()).toEqual(['v0', 'v1', 'v2', 'w0']);
    settle(simulation, 60);
  });

  it('hands partitions to workers that come, on either node, once what is in hand is settled', () => {
    const simulation = run(groupFlow({}, [{ batch: 20 }, {}]), 5);
    expect(ownersOf(simulation).sort()).toEqual(['v0', 'v0', 'w0', 'w0']);
    simulation.apply({ do: 'set', path: 'v.workers', value: 3 });
    simulation.advance(9);
    expect(ownersOf(simulation).sort()).toEqual(['v0', 'v1', 'v2', 'w0']);
    simulation.apply({ do: 'set', path: 'v.workers', value: 1 });
    simulation.advance(12);
    expect(ownersOf(simulation).sort()).toEqual(['v0', 'v0', 'w0', 'w0']);
    settle(simulation, 100);
    expect(stateOf(simulation, 'q').redeliveries).toBe(0);
  });

  it('leaves the partitions of one that crashed alone until its session ends, whoever joins meanwhile', () => {
    const flow = groupFlow({ sessionTimeoutS: 10 }, [{}, {}]);
    const simulation = run(flow, 5);
    simulation.apply({ do: 'kill', node: 'w', downS: 1000 });
    const lost = ownersOf(simulation).map((owner) => owner === 'w0');
    simulation.advance(8);
    simulation.apply({ do: 'set', path: 'v.workers', value: 2 });
    simulation.advance(14.9);
    const before = ownersOf(simulation);
    expect(before.map((owner) => owner === 'w0')).toEqual(lost);
    simulation.advance(15.1);
    expect(ownersOf(simulation).sort()).toEqual(['v0', 'v0', 'v1', 'v1']);
    simulation.advance(100);
    expect(stateOf(simulation, 'q').commits).toBe(600);
    // What the dead worker had begun has had no effect yet: nothing is done twice.
    expect(stateOf(simulation, 'w').effects + stateOf(simulation, 'v').effects).toBe(600);
  });

  it('is given back what is its own if the dead is back in time', () => {
    const simulation = run(groupFlow({ sessionTimeoutS: 10 }, [{}, {}]), 5);
    const before = ownersOf(simulation);
    simulation.apply({ do: 'kill', node: 'w', downS: 3 });
    simulation.advance(20);
    expect(ownersOf(simulation)).toEqual(before);
    settle(simulation, 100);
  });

  it('knows of the effects that happened on the other node', () => {
    const duplicates = (idempotency: WorkersSpec['idempotency']) => {
      const crashing = { crashRate: 1, crashWhen: 'afterEffect', startUpS: 1000 } as const;
      const flow = groupFlow({ sessionTimeoutS: 1 }, [crashing, { idempotency }]);
      const simulation = run(flow, 200);
      const [w, v] = [stateOf(simulation, 'w'), stateOf(simulation, 'v')];
      expect(w.effects).toBe(1);
      return [w.duplicateEffects + v.duplicateEffects, v.suppressed, w.effects + v.effects];
    };
    expect(duplicates('none')).toEqual([1, 0, 601]);
    expect(duplicates('atomicClaim')).toEqual([0, 1, 600]);
  });

  it('scales by the lag of its own group, and shares what the new workers bring', () => {
    const autoscale = { min: 1, max: 4, targetBacklog: 10, everyS: 1, metricDelayS: 0 };
    const flow = groupFlow({ partitions: 8 }, [{ autoscale }, {}], {
      users: { ratePerS: 60, limit: 600 },
    });
    const slow: WorkersSpec = {
      kind: 'workers',
      consumes: 'q',
      workers: 1,
      ...work(5000),
      autoscale,
    };
    const nodes = { ...flow.nodes, slow };
    const simulation = run({ ...flow, nodes }, 5);
    expect(stateOf(simulation, 'w').capacity).toBe(4);
    const counts = new Map<string, number>();
    const { owners } = stateOf(simulation, 'q') as unknown as Log['state'];
    for (const member of owners.owner.slice(0, 8)) {
      const name = `${'wv'[member % 2]}${Math.floor(member / 2)}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    // 8 partitions for 4 + 1 workers.
    expect([...counts.values()].sort()).toEqual([1, 1, 2, 2, 2]);
    simulation.advance(40);
    // Its own group has caught up; that the slow one lags is not its affair.
    expect(stateOf(simulation, 'w').capacity).toBe(1);
    expect(stateOf(simulation, 'slow').capacity).toBe(4);
    expect(new Set([...owners.owner.slice(0, 8)].map((member) => member % 2)).size).toBe(2);
  });

  it('runs the same from a checkpoint, and loses nothing, whatever happens on either node', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const rough = { batch: 5, failureRate: 0.1, crashRate: 0.05, startUpS: 2, ...work(50) };
      const flow = groupFlow({ partitions: 6, sessionTimeoutS: 1, keys: 50, maxPollIntervalS: 2 }, [
        { ...rough, workers: 3, acknowledge: 'batch' },
        { ...rough, workers: 2, idempotency: 'atomicClaim' },
      ]);
      const schedule = [2, 4, 6, 8, 10, 12].map((timeS, k) => ({
        timeS,
        action: {
          do: 'set' as const,
          path: k % 2 === 0 ? 'w.workers' : 'v.workers',
          value: 1 + ((k * seed) % 5),
        },
      }));
      const simulation = new Simulation({ ...flow, schedule }, { seed, observe: 'none' });
      simulation.advance(9);
      const checkpoint = simulation.checkpoint();
      const states = () => JSON.stringify(['q', 'w', 'v'].map((id) => stateOf(simulation, id)));
      simulation.advance(500);
      const once = states();
      simulation.restore(checkpoint);
      simulation.advance(500);
      expect(states()).toBe(once);
      expect(stateOf(simulation, 'q').commits + stateOf(simulation, 'q').skipped).toBe(600);
      expect(simulation.messages.live).toBe(0);
      expect(simulation.requests.live).toBe(0);
      expect(simulation.jobs.live).toBe(0);
    }
  });
});

describe('a log whose fetches and commits get lost', () => {
  /** Records 0, 1, 2, … of one partition at 0.1, 0.2, 0.3 s, …, 100 ms of work each. */
  const lossy = (
    workers: Partial<WorkersSpec>,
    schedule: readonly TimedInput[],
    records = 3,
    log: Partial<LogSpec> = {},
  ): Flow => {
    const flow = messageFlow({
      users: { ratePerS: 10, limit: records },
      workers: { deliveryMs: 200, ...work(100), ...workers },
      schedule,
    });
    return { ...flow, nodes: { ...flow.nodes, q: { kind: 'log', partitions: 1, ...log } } };
  };

  it('fetches again what got lost on its way; what was fetched with it waits for it', () => {
    // The fetch at 0.1 would be there at 0.3; it is made again, there at 0.7. The second fetch has two records.
    const { log, simulation } = runMessages(
      lossy({ batch: 10 }, [set(0.25, 'w.deliveryLoss', 1), set(0.35, 'w.deliveryLoss', 0)]),
      60,
    );
    expect(log).toEqual([
      ...['0.1 deliver 0', '1 ack 0', '1 deliver 1', '1 deliver 2', '1.5 ack 1', '1.6 ack 2'],
    ]);
    expect(stateOf(simulation, 'w')).toMatchObject({ lostDeliveries: 1, duplicateEffects: 0 });
    expect(simulation.messages.live).toBe(0);
  });

  it('makes a lost commit good with the next one, and does nothing again', () => {
    // The commit of the first, sent at 0.4, is lost at 0.6; the second is done at 0.9 and committed at 1.1.
    const flow = lossy({}, [set(0.5, 'w.deliveryLoss', 1), set(0.7, 'w.deliveryLoss', 0)]);
    const { log, simulation } = runMessages(flow, 1);
    const q = simulation.nodes.find((node) => node.id === 'q') as Log;
    expect([log, q.lag(0)]).toEqual([['0.1 deliver 0', '0.6 deliver 1'], 3]);
    expect(runMessages(flow, 60).log).toEqual([
      ...['0.1 deliver 0', '0.6 deliver 1', '1.1 ack 0', '1.1 ack 1', '1.1 deliver 2', '1.6 ack 2'],
    ]);
    simulation.advance(60);
    expect(stateOf(simulation, 'q')).toMatchObject({ commits: 3, lostCommits: 1, flying: 0 });
    expect(stateOf(simulation, 'w')).toMatchObject({ effects: 3, duplicateEffects: 0 });
    expect([q.lag(0), simulation.messages.live]).toEqual([0, 0]);
  });

  it('does again what was not committed when its worker is restarted before the next commit', () => {
    // The worker dies at 0.85 with the second record in hand; from 1.85 on it reads from the committed offset.
    const { log, simulation } = runMessages(
      lossy({}, [
        set(0.5, 'w.deliveryLoss', 1),
        set(0.7, 'w.deliveryLoss', 0),
        { timeS: 0.85, action: { do: 'kill', node: 'w', downS: 1 } },
      ]),
      60,
      ['deliver', 'ack', 'crash'],
    );
    expect(log).toEqual([
      ...['0.1 deliver 0', '0.6 deliver 1', '0.85 crash 1', '1.85 deliver 0', '2.35 ack 0'],
      ...['2.35 deliver 1', '2.85 ack 1', '2.85 deliver 2', '3.35 ack 2'],
    ]);
    expect(stateOf(simulation, 'w')).toMatchObject({ effects: 4, duplicateEffects: 1 });
  });

  /** The commits that arrive at 0.6 s and at these times are lost. */
  const losing = (...timesS: readonly number[]): TimedInput[] =>
    [0.6, ...timesS].flatMap((timeS) => [
      set(timeS - 0.05, 'w.deliveryLoss', 1),
      set(timeS + 0.05, 'w.deliveryLoss', 0),
    ]);
  const lagAt = (flow: Flow, untilS: number): number =>
    (runMessages(flow, untilS).simulation.nodes.find(({ id }) => id === 'q') as Log).lag(0);

  it('commits the last record again after the interval, once more if that is lost, and is behind until then', () => {
    const one = lossy({}, losing(), 1);
    expect(runMessages(one, 60).log).toEqual(['0.1 deliver 0', '5.6 ack 0']);
    expect([lagAt(one, 5.5), lagAt(one, 5.7)]).toEqual([1, 0]);
    const { log, simulation } = runMessages(lossy({}, losing(5.6, 10.6), 1), 60);
    expect(log).toEqual(['0.1 deliver 0', '15.6 ack 0']);
    expect(stateOf(simulation, 'q')).toMatchObject({ commits: 1, lostCommits: 3, flying: 0 });
    expect(stateOf(simulation, 'w')).toMatchObject({ effects: 1, lostAcknowledgements: 3 });
    // Only the timer of the longest poll is left, and then nothing.
    simulation.advance(400);
    expect([simulation.messages.live, simulation.nextEventS()]).toEqual([0, Infinity]);
  });

  it('commits again as often as the log says, also when it says so meanwhile, or never', () => {
    const every = (commitIntervalS: number | null, schedule: readonly TimedInput[] = []) =>
      runMessages(lossy({}, [...losing(), ...schedule], 1, { commitIntervalS }), 60).log;
    expect(every(0.5)).toEqual(['0.1 deliver 0', '1.1 ack 0']);
    expect(every(null)).toEqual(['0.1 deliver 0']);
    expect(every(null, [set(0.3, 'q.commitIntervalS', 2)])).toEqual(['0.1 deliver 0', '2.6 ack 0']);
    expect(lagAt(lossy({}, losing(), 1, { commitIntervalS: null }), 1000)).toBe(1);
  });

  it('draws anew whether a commit that is made again is lost', () => {
    const flow = lossy({ deliveryLoss: 0.8 }, [], 1);
    let lost = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const simulation = new Simulation(flow, { seed, observe: 'none' });
      simulation.advance(2000);
      expect(stateOf(simulation, 'q')).toMatchObject({ commits: 1, flying: 0 });
      lost += stateOf(simulation, 'q').lostCommits;
    }
    // Geometric: 4 on average, with a standard error of 0.45.
    expect(Math.abs(lost / 100 - 4)).toBeLessThan(4 * 0.45);
  });

  it('commits nothing again that the next record has made good', () => {
    const { log, simulation } = runMessages(lossy({}, losing(), 2), 60);
    expect(log.slice(2)).toEqual(['1.1 ack 0', '1.1 ack 1']);
    expect(stateOf(simulation, 'q')).toMatchObject({ commits: 2, lostCommits: 1 });
    // The second loss, at 1.1, has an interval of its own.
    const twice = runMessages(lossy({}, losing(1.6), 3), 60);
    expect(twice.log.slice(2)).toEqual(['1.1 ack 0', '1.1 ack 1', '1.1 deliver 2', '6.6 ack 2']);
  });

  it('forgets with its worker what was done and not committed, of every partition', () => {
    const partitions = 2;
    const other = [1, 2, 3, 4, 5].find((request) => keyOf(request, 2) !== keyOf(0, 2))!;
    const records = other + 1;
    // The commit of request 0 is lost; the worker dies at its first work in the other partition.
    const dying = { timeS: 0.65, action: { do: 'kill', node: 'w', downS: 1 } } as const;
    const flow = lossy({}, [...losing(), dying], records, { partitions });
    const { simulation } = runMessages(flow, 60);
    expect(stateOf(simulation, 'q')).toMatchObject({ commits: records, lostCommits: 1, flying: 0 });
    expect(stateOf(simulation, 'w').duplicateEffects).toBe(1);
  });

  it('seeks back to a record that failed, not to those that are done and not committed', () => {
    const { log, simulation } = runMessages(
      lossy(
        {},
        [
          set(0.5, 'w.deliveryLoss', 1),
          set(0.7, 'w.deliveryLoss', 0),
          set(0.75, 'w.failureRate', 1),
          set(1.05, 'w.failureRate', 0),
        ],
        2,
      ),
      60,
    );
    expect(log).toEqual([
      ...['0.1 deliver 0', '0.6 deliver 1', '1.1 deliver 1', '1.6 ack 0', '1.6 ack 1'],
    ]);
    expect(stateOf(simulation, 'w').duplicateEffects).toBe(0);
  });

  it('skips nothing and keeps the order, whatever is lost, fails and crashes, and forgets nothing at a checkpoint', () => {
    const flow = lossy(
      { workers: 3, batch: 4, deliveryLoss: 0.3, failureRate: 0.1, crashRate: 0.03, startUpS: 2 },
      [set(80, 'w.deliveryLoss', 0), set(80, 'w.crashRate', 0)],
      600,
      { partitions: 3, maxAttempts: null, sessionTimeoutS: 5, maxPollIntervalS: 20 },
    );
    const users = { ...flow.nodes['users'], ratePerS: 5 } as NodeSpec;
    const { log, simulation } = runMessages({ ...flow, nodes: { ...flow.nodes, users } }, 900, [
      'ack',
    ]);
    const acknowledged = requestsOf(log, 'ack');
    expect(acknowledged).toHaveLength(600);
    for (let partition = 0; partition < 3; partition++) {
      const order = acknowledged.filter((request) => partitionOf(request) === partition);
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    expect(stateOf(simulation, 'q')).toMatchObject({ commits: 600, flying: 0 });
    expect(stateOf(simulation, 'q').lostCommits).toBeGreaterThan(50);
    expect(stateOf(simulation, 'w').duplicateEffects).toBeGreaterThan(3);
    expect(simulation.messages.live).toBe(0);
    const again = new Simulation(
      { ...flow, nodes: { ...flow.nodes, users } },
      { seed: 1, observe: 'none' },
    );
    again.advance(50);
    const checkpoint = again.checkpoint();
    again.advance(70);
    again.restore(checkpoint);
    again.advance(900);
    expect(again.eventCount).toBe(simulation.eventCount);
  });
});

it('counts as redelivered whatever it hands out again, for whichever reason', () => {
  const redelivered = (log: Partial<LogSpec>, workers: Partial<WorkersSpec>) => {
    const flow = logFlow(log, { workers: 3, ...workers });
    const { lane, nodes } = runHeadless(flow, { seed: 1, durationS: 500 }).report;
    const { counts } = nodes['q'];
    expect(counts['acknowledged']).toBe(12);
    expect(counts['redelivered'] ?? 0).toBe(counts['delivered'] - 12);
    expect(lane.redeliveries).toBe(counts['redelivered'] ?? 0);
    return lane.redeliveries;
  };
  expect(redelivered({}, {})).toBe(0);
  // A batch takes longer than a worker may between two polls: the next one begins with what is not committed.
  expect(redelivered({ maxPollIntervalS: 2.5 }, { batch: 4 })).toBeGreaterThan(0);
  // Dead workers, and failures: with what was polled behind the failed record.
  expect(redelivered({ sessionTimeoutS: 1 }, { crashRate: 0.3, startUpS: 2 })).toBeGreaterThan(0);
  expect(redelivered({}, { failureRate: 0.3, batch: 4 })).toBeGreaterThan(0);
});
