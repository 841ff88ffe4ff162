import { describe, expect, it } from 'vitest';
import type { ClientsSpec, JobApiSpec, QueueSpec, TimedInput, WorkersSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { runHeadless } from '../runHeadless.ts';
import { jobFlow, messageFlow, runMessages, set, stateOf } from '../testing/messageRun.ts';

describe('a job API', () => {
  it('tells the user of the result at the first poll after it', () => {
    const { log, simulation } = runMessages(jobFlow({ pollEveryS: 5 }), 60, [
      'enqueue',
      'ack',
      'answer',
    ]);
    expect(log).toEqual(['1 enqueue 0', '13 ack 0', '16 answer 0']);
    expect(stateOf(simulation, 'jobs').pollCount).toBe(3);
    expect(simulation.readouts().totals.served).toBe(1);
  });

  it('tells it by webhook after the failures of delivery, with a doubling backoff', () => {
    const api = { notice: 'webhook', webhookMs: 100, webhookFailureRate: 1 } as const;
    const failing = messageFlow({
      ...{},
      users: { target: 'jobs', limit: 1 },
      more: { jobs: { kind: 'jobApi', queue: 'q', ...api } },
      schedule: [set(3, 'jobs.webhookFailureRate', 0)],
    });
    // Done at 1.1; deliveries at 1.2, 2.2 and 4.2.
    const { log, simulation } = runMessages(failing, 60, ['answer']);
    expect(log).toEqual(['4.2 answer 0']);
    expect(stateOf(simulation, 'jobs').webhooks).toBe(3);
    const lost = runMessages(jobFlow({ ...api, webhookAttempts: 2 }), 60, ['answer']).simulation;
    expect(stateOf(lost, 'jobs').webhooksLost).toBe(1);
    expect(lost.readouts().totals.failed).toBe(1);
  });

  it('turns away what is invalid, over quota, or too much', () => {
    const many = { ratePerS: 10, limit: 40 };
    const totals = (api: Partial<JobApiSpec>) =>
      runMessages(jobFlow(api, {}, many), 5, []).simulation.readouts().totals;
    expect(totals({ invalidRate: 1 }).failed).toBe(40);
    expect(totals({ quotaPerS: 2, quotaBurst: 1 }).rejected).toBe(32);
    // One in work, three waiting.
    expect(totals({ limit: 3 }).rejected).toBe(36);
  });

  it('forgets a result after its time to live', () => {
    const { simulation } = runMessages(jobFlow({ pollEveryS: 5, resultTtlS: 1 }), 60, []);
    expect(stateOf(simulation, 'jobs').expired).toBe(1);
    expect(simulation.readouts().totals.failed).toBe(1);
  });

  it('cancels what has not started when its user leaves; the rest is done for nobody', () => {
    const users = { limit: 2, patienceS: 5, whenImpatient: 'leavesAcceptQueue' } as const;
    const { simulation } = runMessages(jobFlow({}, {}, users), 60, []);
    expect(stateOf(simulation, 'jobs').cancelled).toBe(1);
    expect(stateOf(simulation, 'jobs').wasted).toBe(1);
    expect(stateOf(simulation, 'w').executions).toBe(1);
    expect(simulation.readouts().totals.timedOut).toBe(2);
  });

  it('cancels also what waits behind its FIFO group, is delayed, or backs off', () => {
    const users = { limit: 3, patienceS: 5, whenImpatient: 'leavesAcceptQueue' } as const;
    const run = (queue: Partial<QueueSpec>, workers: Partial<WorkersSpec>) => {
      const parts = jobFlow({}, { workers: 3, ...workers }, users);
      const q = { ...parts.nodes['q'], ...queue } as QueueSpec;
      const nodes = { ...parts.nodes, q };
      const { simulation } = runMessages({ ...parts, nodes }, 100, []);
      const { ready, inFlight, backingOff } = stateOf(simulation, 'q');
      expect([ready, inFlight, backingOff]).toEqual([0, 0, 0]);
      return [stateOf(simulation, 'jobs').cancelled, stateOf(simulation, 'w').executions];
    };
    // The first is at work when its user goes; the others are behind it.
    expect(run({ groups: 1 }, {})).toEqual([2, 1]);
    expect(run({ delayS: 7 }, {})).toEqual([3, 0]);
    const fails = { handler: [{ do: 'work', name: 'do', workMs: 1000 }], failureRate: 1 } as const;
    expect(run({ backoffBaseS: 60, backoffCapS: 60, jitter: 'none' }, fails)).toEqual([3, 3]);
  });

  it('leaves nothing behind', () => {
    const policy = { timeoutMs: 400, travelMs: 50, loss: 0.1, retry: { attempts: 4, baseS: 0.1 } };
    for (const notice of ['poll', 'webhook'] as const) {
      for (const idempotencyKey of ['none', 'returnsFirst'] as const) {
        const api = {
          ...{ notice, idempotencyKey, limit: 20, acceptMs: 250, throttlePerS: 19 },
          ...{ retryAfterJitter: 0.5, webhookFailureRate: 0.5, webhookAckLossRate: 0.3 },
          ...{ invalidRate: 0.1, keyTtlS: 1, rejectionRetryAfterS: 1, resultTtlS: 10 },
        };
        for (const users of [{}, { policy }]) {
          const simulation = new Simulation(
            jobFlow(
              api,
              { workers: 3, failureRate: 0.2, handler: [{ do: 'work', name: 'do', workMs: 300 }] },
              { ratePerS: 20, limit: 400, arrivals: 'poisson', patienceS: 4, ...users },
            ),
            { seed: 1, observe: 'none' },
          );
          simulation.advance(1000);
          expect(stateOf(simulation, 'jobs').outstanding).toBe(0);
          expect([simulation.jobs.live, simulation.calls.live]).toEqual([0, 0]);
          expect(simulation.requests.live).toBe(stateOf(simulation, 'q').dead);
          const { repeated, duplicates } = stateOf(simulation, 'jobs');
          expect(repeated > 0).toBe('policy' in users && idempotencyKey === 'returnsFirst');
          // With keys of 1 s a client can outlive them, too.
          expect(duplicates > 0).toBe('policy' in users);
        }
      }
    }
  });
});

describe('a POST that is sent again', () => {
  const retry = { attempts: 2, baseS: 1, jitter: 'none' } as const;
  const quick = { handler: [{ do: 'work', name: 'do', workMs: 100 }] } as const;
  const counts = (simulation: Simulation) => {
    const { accepted, duplicates, repeated } = stateOf(simulation, 'jobs');
    const { effects, duplicateEffects } = stateOf(simulation, 'w');
    return { accepted, duplicates, repeated, effects, duplicateEffects };
  };
  /** Sent at 1, given up at 1.5, sent again at 2.5; its first 202 would come at 1.7. */
  const late = (api: Partial<JobApiSpec>) =>
    runMessages(
      jobFlow({ acceptMs: 700, pollEveryS: 5, ...api }, quick, {
        policy: { timeoutMs: 500, retry },
      }),
      60,
      ['enqueue', 'ack', 'answer'],
    );

  it('because its 202 is late makes a second job, whose effect is a duplicate', () => {
    const { simulation, log } = late({});
    expect(counts(simulation)).toEqual({
      ...{ accepted: 2, duplicates: 1, repeated: 0 },
      ...{ effects: 2, duplicateEffects: 1 },
    });
    // The second 202 is late as well: its client has given up and never learns of a job.
    expect(log).toEqual(['1.7 enqueue 0', '1.8 ack 0', '3.2 enqueue 0', '3.3 ack 0']);
    const { orphaned, wasted } = stateOf(simulation, 'jobs');
    expect([orphaned, wasted]).toEqual([1, 1]);
    expect(simulation.readouts().totals.timedOut).toBe(1);
  });

  it('with its key returns the first job; there is one effect', () => {
    const { simulation } = late({ idempotencyKey: 'returnsFirst' });
    expect(counts(simulation)).toEqual({
      ...{ accepted: 1, duplicates: 0, repeated: 1 },
      ...{ effects: 1, duplicateEffects: 0 },
    });
  });

  /** The 202 of the POST that arrives at 1.1 is lost on its way; the second one arrives at 3.1. */
  const lost = (
    api: Partial<JobApiSpec>,
    workers: Partial<WorkersSpec> = quick,
    more: readonly TimedInput[] = [],
  ) =>
    runMessages(
      {
        ...jobFlow({ pollEveryS: 5, ...api }, workers, {
          policy: { timeoutMs: 1000, travelMs: 100, retry },
        }),
        schedule: [set(1.05, 'users.call.loss', 1), set(1.15, 'users.call.loss', 0), ...more],
      },
      60,
      ['enqueue', 'ack', 'answer'],
    );

  it('because its 202 was lost follows the second job, and never asks for the first', () => {
    const { simulation, log } = lost({});
    // 202 at 3.2, its poll arrives at 8.3, the result at 8.4.
    expect(log).toEqual([
      ...['1.1 enqueue 0', '1.2 ack 0', '3.1 enqueue 0', '3.2 ack 0', '8.4 answer 0'],
    ]);
    expect(counts(simulation).duplicateEffects).toBe(1);
    expect(stateOf(simulation, 'jobs').pollCount).toBe(1);
    expect(simulation.jobs.live).toBe(0);
  });

  it('with its key is answered with the result, if there is one', () => {
    const { log } = lost({ idempotencyKey: 'returnsFirst' });
    expect(log).toEqual(['1.1 enqueue 0', '1.2 ack 0', '3.2 answer 0']);
  });

  it('with its key is told that the job has failed, if it has, and asks no more', () => {
    const failing = { ...quick, failureKind: 'decline', failureRate: 1 } as const;
    const { simulation, log } = lost({ idempotencyKey: 'returnsFirst' }, failing);
    expect(log).toEqual(['1.1 enqueue 0', '1.2 ack 0', '3.2 answer 0']);
    expect(simulation.readouts().totals.failed).toBe(1);
  });

  it('with its key polls the first job from then on, if that is not done yet', () => {
    const slow = { handler: [{ do: 'work', name: 'do', workMs: 4000 }] } as const;
    const { log } = lost({ idempotencyKey: 'returnsFirst' }, slow);
    expect(log).toEqual(['1.1 enqueue 0', '5.1 ack 0', '8.4 answer 0']);
  });

  it('after the life of its key makes a second job', () => {
    const keyed = (keyTtlS: number) =>
      counts(lost({ idempotencyKey: 'returnsFirst', keyTtlS }).simulation).duplicates;
    expect(keyed(2.1)).toBe(0);
    expect(keyed(1.9)).toBe(1);
    const shorter = [set(0.5, 'jobs.keyTtlS', 1.9)];
    const changed = lost({ idempotencyKey: 'returnsFirst', keyTtlS: 2.1 }, quick, shorter);
    expect(counts(changed.simulation).duplicates).toBe(1);
  });
});

describe('the times of a job API', () => {
  const quick = { handler: [{ do: 'work', name: 'do', workMs: 100 }] } as const;
  const many = { ratePerS: 10, limit: 3 };

  it('pass before a 400 as before a 202', () => {
    const api = { acceptMs: 500, invalidRate: 1 };
    expect(runMessages(jobFlow(api, quick), 60, ['answer']).log).toEqual(['1.5 answer 0']);
    const valid = runMessages(jobFlow({ acceptMs: 500 }, quick), 60, ['enqueue']);
    expect(valid.log).toEqual(['1.5 enqueue 0']);
  });

  it('pass after the throttle has let a producer through, which it does evenly', () => {
    const throttled = (schedule: readonly TimedInput[] = []) =>
      runMessages({ ...jobFlow({ throttlePerS: 2, acceptMs: 300 }, quick, many), schedule }, 60, [
        'enqueue',
      ]).log;
    expect(throttled()).toEqual(['0.4 enqueue 0', '0.9 enqueue 1', '1.4 enqueue 2']);
    // From 0.6 on it is faster.
    const faster = throttled([set(0.35, 'jobs.throttlePerS', 10)]);
    expect(faster).toEqual(['0.4 enqueue 0', '0.9 enqueue 1', '1 enqueue 2']);
  });

  it('bound the life of a result also for a POST whose key is known', () => {
    // Done at 1.2; the 202 is lost, and the POST that is sent again arrives at 3.1.
    const retry = { attempts: 2, baseS: 1, jitter: 'none' } as const;
    const told = (resultTtlS: number) => {
      const { simulation } = runMessages(
        {
          ...jobFlow({ idempotencyKey: 'returnsFirst', resultTtlS }, quick, {
            policy: { timeoutMs: 1000, travelMs: 100, retry },
          }),
          schedule: [set(1.05, 'users.call.loss', 1), set(1.15, 'users.call.loss', 0)],
        },
        60,
        [],
      );
      const { served, failed } = simulation.readouts().totals;
      return [served, failed, stateOf(simulation, 'jobs').expired];
    };
    expect(told(2)).toEqual([1, 0, 0]);
    expect(told(1.8)).toEqual([0, 1, 1]);
  });

  it('may be set while it runs', () => {
    const after = (
      input: TimedInput,
      api: Partial<JobApiSpec> = {},
      users: Partial<ClientsSpec> = {},
    ) => {
      const run = { ...jobFlow(api, {}, users), schedule: [input] };
      const { log, simulation } = runMessages(run, 60, ['answer']);
      return { log, ...simulation.readouts().totals, jobs: stateOf(simulation, 'jobs') };
    };
    // Asked first at 6, then every 0.8 s; done at 13.
    expect(after(set(2, 'jobs.pollEveryS', 0.8), { pollEveryS: 5 }).log).toEqual(['13.2 answer 0']);
    // Asked at 16, 3 s after it was done.
    expect(after(set(2, 'jobs.resultTtlS', 4), { resultTtlS: 2 }).served).toBe(1);
    expect(after(set(2, 'jobs.resultTtlS', 2)).failed).toBe(1);
    // One POST is left to the quota, of those from 2.1 s on; none to the limit.
    const steady = { ratePerS: 10, limit: 40 };
    expect(after(set(2.05, 'jobs.quotaPerS', 0), {}, steady).jobs['rejectedQuota']).toBe(19);
    expect(after(set(2.05, 'jobs.limit', 0), {}, steady).jobs['rejectedOverload']).toBe(20);
  });
});

describe('a client that is turned away', () => {
  const policy = (retryAfter: 'honoured' | 'ignored', attempts = 9) =>
    ({ retry: { attempts, baseS: 0.5, multiplier: 1, jitter: 'none', retryAfter } }) as const;
  /** One in work until 14, one waiting; the third, at 3, finds no room before 13. */
  const busy = (api: Partial<JobApiSpec>, users: Partial<ClientsSpec>) =>
    runMessages(jobFlow({ limit: 1, ...api }, {}, { limit: 3, ...users }), 120, [
      'enqueue',
      'answer',
    ]);

  it('comes again after Retry-After, not after its own backoff, until there is room', () => {
    const api = { rejectionRetryAfterS: 4 };
    const asked = busy(api, { policy: policy('honoured') });
    expect(asked.log.filter((line) => line.includes('enqueue'))).toEqual([
      ...['1 enqueue 0', '2 enqueue 1', '15 enqueue 2'],
    ]);
    expect(stateOf(asked.simulation, 'jobs').rejectedOverload).toBe(3);
    const own = busy(api, { policy: policy('ignored', 30) });
    expect(own.log).toContain('13 enqueue 2');
    const sooner = jobFlow({ limit: 1, ...api }, {}, { limit: 3, policy: policy('honoured', 30) });
    const schedule = [set(2.5, 'jobs.rejectionRetryAfterS', 2.5)];
    expect(runMessages({ ...sooner, schedule }, 120, ['enqueue']).log).toContain('13 enqueue 2');
    // Without a Retry-After there is only the backoff.
    expect(busy({}, { policy: policy('honoured', 30) }).log).toEqual(own.log);
  });

  it('comes again so many times, and within its patience', () => {
    const rejected = (users: Partial<ClientsSpec>) => {
      const { simulation } = busy({ rejectionRetryAfterS: 4 }, users);
      return [
        stateOf(simulation, 'jobs').rejectedOverload,
        simulation.readouts().totals.rejected,
        simulation.readouts().totals.timedOut,
      ];
    };
    expect(rejected({ policy: policy('honoured', 2) })).toEqual([2, 1, 0]);
    // A third try would come after 8 s; the other two users leave at 8 and 9.
    expect(rejected({ policy: policy('honoured'), patienceS: 7 })).toEqual([2, 1, 2]);
  });

  it('comes again spread out where the Retry-After has jitter, never before it', () => {
    const users = { ratePerS: 1000, limit: 200, policy: policy('honoured', 2) };
    const { simulation } = runMessages(
      jobFlow({ limit: 0, rejectionRetryAfterS: 4, rejectionRetryAfterJitter: 0.5 }, {}, users),
      0.3,
      [],
    );
    const dueS: number[] = [];
    for (let timeS = simulation.nextEventS(); timeS < Infinity; timeS = simulation.nextEventS()) {
      dueS.push(timeS);
      simulation.runEvent();
    }
    expect(dueS.length).toBe(200);
    expect(dueS[0]).toBeGreaterThan(4);
    expect(dueS[199]).toBeLessThan(6.2);
    expect(dueS[199] - dueS[0]).toBeGreaterThan(1.9);
  });

  it('obeys the Retry-After of a service as well', () => {
    const serviceFlow = messageFlow({
      users: { limit: 2, policy: policy('honoured') },
      more: {
        api: {
          kind: 'service',
          threads: 1,
          acceptQueue: 0,
          rejectionRetryAfterS: 3,
          handler: [{ do: 'work', name: 'do', workMs: 3500 }],
        },
      },
    });
    // The second, at 2 s, comes again at 5 s.
    expect(runMessages(serviceFlow, 60, ['answer']).log).toEqual(['4.5 answer 0', '8.5 answer 1']);
  });

  it('does not come again with what can never be done', () => {
    const api = { invalidRate: 1, rejectionRetryAfterS: 1 };
    const { simulation } = busy(api, { policy: policy('honoured') });
    expect(stateOf(simulation, 'jobs').invalid).toBe(3);
    expect(simulation.readouts().totals.failed).toBe(3);
  });
});

describe('a job API and its queue', () => {
  it('waits for a place where a full queue blocks its producer; the 202 comes after', () => {
    const blocked = messageFlow({
      users: { target: 'jobs', limit: 4, patienceS: 20, whenImpatient: 'leavesAcceptQueue' },
      queue: { limit: 1, overflow: 'blockProducer' },
      workers: { handler: [{ do: 'work', name: 'do', workMs: 12_000 }] },
      more: { jobs: { kind: 'jobApi', queue: 'q', pollEveryS: 5 } },
    });
    const { log, simulation } = runMessages(blocked, 22.5, ['enqueue', 'answer']);
    // The second is cancelled at 22, when the third is at work: no place for the fourth before that.
    expect(log).toEqual(['1 enqueue 0', '2 enqueue 1', '13 enqueue 2', '16 answer 0']);
    expect(stateOf(simulation, 'jobs').accepted).toBe(3);
    simulation.advance(100);
    expect([simulation.jobs.live, stateOf(simulation, 'jobs').outstanding]).toEqual([0, 0]);
  });

  it('keeps a failed job failed when its message is sent back to the queue', () => {
    const failing = messageFlow({
      users: { target: 'jobs', limit: 1 },
      queue: { maxAttempts: 1 },
      workers: { failureRate: 1 },
      more: { jobs: { kind: 'jobApi', queue: 'q', pollEveryS: 5 } },
      schedule: [set(2, 'w.failureRate', 0), { timeS: 3, action: { do: 'redrive', node: 'q' } }],
    });
    const { log, simulation } = runMessages(failing, 60, ['ack', 'answer']);
    expect(log).toEqual(['3.1 ack 0', '6 answer 0']);
    expect(simulation.readouts().totals.failed).toBe(1);
    expect(stateOf(simulation, 'jobs').outstanding).toBe(0);
  });

  it('sends a webhook again whose acknowledgement was lost', () => {
    const api = { notice: 'webhook', webhookAckLossRate: 1, webhookAttempts: 3 } as const;
    const { log, simulation } = runMessages(jobFlow(api), 60, ['answer']);
    expect(log).toEqual(['13 answer 0']);
    const { webhooks, webhookDuplicates } = stateOf(simulation, 'jobs');
    expect([webhooks, webhookDuplicates]).toEqual([3, 2]);
    expect(simulation.jobs.live).toBe(0);
  });
});

it('reports webhooks that came twice or never, and results that were asked for too late', () => {
  const counts = (api: Partial<JobApiSpec>) => {
    return runHeadless(jobFlow(api, {}, { limit: 20 }), { seed: 1, durationS: 1000 }).report.nodes[
      'jobs'
    ].counts;
  };
  const twice = counts({ notice: 'webhook', webhookAckLossRate: 1, webhookAttempts: 3 });
  expect(twice).toMatchObject({ webhooks: 60, webhookDuplicates: 40 });
  expect(twice['webhooksLost']).toBeUndefined();
  const never = counts({ notice: 'webhook', webhookFailureRate: 1, webhookAttempts: 3 });
  expect(never).toMatchObject({ webhooks: 60, webhooksLost: 20 });
  expect(counts({ pollEveryS: 5, resultTtlS: 0 })['resultsExpired']).toBeGreaterThan(0);
});
