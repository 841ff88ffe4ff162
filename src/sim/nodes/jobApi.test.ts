import { describe, expect, it } from 'vitest';
import type { ClientsSpec, JobApiSpec, WorkersSpec } from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { messageFlow, runMessages, set, stateOf } from '../testing/messageRun.ts';

const flow = (
  api: Partial<JobApiSpec>,
  workers: Partial<WorkersSpec> = {},
  users: Partial<ClientsSpec> = {},
) =>
  messageFlow({
    users: { target: 'jobs', limit: 1, ...users },
    workers: { handler: [{ do: 'work', name: 'do', workMs: 12_000 }], ...workers },
    more: { jobs: { kind: 'jobApi', queue: 'q', ...api } },
  });

describe('a job API', () => {
  it('tells the user of the result at the first poll after it', () => {
    const { log, simulation } = runMessages(flow({ pollEveryS: 5 }), 60, [
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
    const lost = runMessages(flow({ ...api, webhookAttempts: 2 }), 60, ['answer']).simulation;
    expect(stateOf(lost, 'jobs').webhooksLost).toBe(1);
    expect(lost.readouts().totals.failed).toBe(1);
  });

  it('turns away what is invalid, over quota, or too much', () => {
    const many = { ratePerS: 10, limit: 40 };
    const totals = (api: Partial<JobApiSpec>) =>
      runMessages(flow(api, {}, many), 5, []).simulation.readouts().totals;
    expect(totals({ invalidRate: 1 }).failed).toBe(40);
    expect(totals({ quotaPerS: 2, quotaBurst: 1 }).rejected).toBe(32);
    // One in work, three waiting.
    expect(totals({ limit: 3 }).rejected).toBe(36);
  });

  it('forgets a result after its time to live', () => {
    const { simulation } = runMessages(flow({ pollEveryS: 5, resultTtlS: 1 }), 60, []);
    expect(stateOf(simulation, 'jobs').expired).toBe(1);
    expect(simulation.readouts().totals.failed).toBe(1);
  });

  it('cancels what has not started when its user leaves; the rest is done for nobody', () => {
    const users = { limit: 2, patienceS: 5, whenImpatient: 'leavesAcceptQueue' } as const;
    const { simulation } = runMessages(flow({}, {}, users), 60, []);
    expect(stateOf(simulation, 'jobs').cancelled).toBe(1);
    expect(stateOf(simulation, 'jobs').wasted).toBe(1);
    expect(stateOf(simulation, 'w').executions).toBe(1);
    expect(simulation.readouts().totals.timedOut).toBe(2);
  });

  it('leaves nothing behind', () => {
    for (const notice of ['poll', 'webhook'] as const) {
      const simulation = new Simulation(
        flow(
          { notice, limit: 20, retryAfterJitter: 0.5, webhookFailureRate: 0.5, invalidRate: 0.1 },
          { workers: 3, failureRate: 0.2, handler: [{ do: 'work', name: 'do', workMs: 300 }] },
          { ratePerS: 20, limit: 400, arrivals: 'poisson', patienceS: 4 },
        ),
        { seed: 1, observe: 'none' },
      );
      simulation.advance(1000);
      const { outstanding } = stateOf(simulation, 'jobs');
      expect(outstanding).toBe(0);
      expect(simulation.jobs.live).toBe(0);
      expect(simulation.requests.live).toBe(stateOf(simulation, 'q').dead);
    }
  });
});
