import { describe, expect, it } from 'vitest';
import type { ClientsSpec, JobApiSpec } from '../flow.ts';
import { jobFlow, runMessages, set, stateOf } from '../testing/messageRun.ts';

describe('a webhook', () => {
  const quick = { handler: [{ do: 'work', name: 'do', workMs: 1000 }] } as const;
  const once = { attempts: 1 } as const;
  /** POST at 1; all that is sent in the time given gets lost. */
  const told = (
    policy: ClientsSpec['policy'],
    lostS: readonly [number, number] | null,
    api: Partial<JobApiSpec> = {},
    users: Partial<ClientsSpec> = {},
  ) => {
    const run = jobFlow({ notice: 'webhook', webhookMs: 100, acceptMs: 100, ...api }, quick, {
      policy,
      ...users,
    });
    const schedule =
      lostS === null
        ? []
        : [set(lostS[0], 'users.call.loss', 1), set(lostS[1], 'users.call.loss', 0)];
    return runMessages({ ...run, schedule }, 100, ['enqueue', 'answer']);
  };

  it('reaches the client whose 202 was lost', () => {
    // The 202 of 1.1 is lost; the job is done at 2.1.
    const { log, simulation } = told({ loss: 0.001 }, [1.05, 1.15]);
    expect(log).toEqual(['1.1 enqueue 0', '2.2 answer 0']);
    expect(simulation.readouts().totals.served).toBe(1);
    expect(stateOf(simulation, 'jobs')).toMatchObject({ noticed: 1, orphaned: 0, wasted: 0 });
    expect([simulation.jobs.live, simulation.calls.live]).toEqual([0, 0]);
  });

  it('and travels as far as the 202 would have', () => {
    const { log } = told({ travelMs: 50, timeoutMs: 5000, loss: 0.001 }, [1.1, 1.17]);
    const { log: known } = told({ travelMs: 50, timeoutMs: 5000 }, null);
    // There at 1.05, on the queue at 1.15, done at 2.15.
    expect([log, known]).toEqual([
      ['1.15 enqueue 0', '2.3 answer 0'],
      ['1.15 enqueue 0', '2.3 answer 0'],
    ]);
  });

  it('ends the retries of a client who waited for the 202 in vain', () => {
    // Given up at 1.5, to be sent again at 6.5: the result is there before.
    const retry = { attempts: 3, baseS: 5, jitter: 'none' } as const;
    const { log, simulation } = told({ timeoutMs: 500, retry, loss: 0.001 }, [1.05, 1.15]);
    expect(log).toEqual(['1.1 enqueue 0', '2.2 answer 0']);
    expect(stateOf(simulation, 'jobs')).toMatchObject({ accepted: 1, duplicates: 0, noticed: 1 });
    expect([simulation.jobs.live, simulation.calls.live]).toEqual([0, 0]);
  });

  it('tells the client once and counts what it hears again', () => {
    // Sent again at 1.6: a second job, of which the client hears at 3.2 after it was told at 2.2.
    const retry = { attempts: 3, baseS: 0.1, jitter: 'none' } as const;
    const { log, simulation } = told({ timeoutMs: 500, retry, loss: 0.001 }, [1.05, 1.15]);
    expect(log).toEqual(['1.1 enqueue 0', '1.7 enqueue 0', '2.2 answer 0']);
    expect(simulation.readouts().totals.served).toBe(1);
    expect(stateOf(simulation, 'jobs')).toMatchObject({
      ...{ accepted: 2, duplicates: 1, noticed: 1, webhooks: 2, webhookDuplicates: 1 },
      ...{ orphaned: 0, wasted: 1 },
    });
    expect([simulation.jobs.live, simulation.calls.live]).toEqual([0, 0]);
    expect(simulation.requests.rows.every(({ references }) => references <= 1)).toBe(true);
  });

  it('gives the places of a bulkhead back whatever the call was about', () => {
    const retry = { attempts: 3, baseS: 0.1, jitter: 'none' } as const;
    const { log } = told(
      { timeoutMs: 500, retry, maxConcurrent: 1, loss: 0.001 },
      [1.05, 1.15],
      { acceptMs: 100 },
      { limit: 3, ratePerS: 1 },
    );
    expect(log.filter((line) => line.includes('answer'))).toHaveLength(3);
  });

  it('is sent to whoever has given up as well, and changes nothing for them', () => {
    const { simulation } = told({ retry: once }, null, {}, { patienceS: 0.5 });
    expect(stateOf(simulation, 'jobs')).toMatchObject({ webhooks: 1, noticed: 0, wasted: 1 });
    expect(stateOf(simulation, 'jobs').webhookDuplicates).toBe(0);
    expect(simulation.readouts().totals.timedOut).toBe(1);
    expect([simulation.jobs.live, simulation.calls.live]).toEqual([0, 0]);
  });
});
