/** Every feature of the request path in one flow: data for tests. */
import type { Flow, ServiceSpec } from '../flow.ts';

export const disciplines: readonly NonNullable<ServiceSpec['discipline']>[] = [
  { kind: 'fifo' },
  { kind: 'lifo' },
  { kind: 'priority' },
  { kind: 'deadlineDrop', maxWaitS: 0.5 },
  { kind: 'codel' },
  { kind: 'codelTimeout' },
];

/** @param scale multiplies every duration and divides every rate */
export function requestPathFlow(discipline: ServiceSpec['discipline'], scale = 1): Flow {
  const ms = (value: number): number => value * scale;
  const s = ms;
  const scaled =
    discipline?.kind === 'deadlineDrop'
      ? { ...discipline, maxWaitS: s(discipline.maxWaitS ?? 1) }
      : discipline?.kind === 'codel' || discipline?.kind === 'codelTimeout'
        ? { ...discipline, targetMs: ms(5), intervalMs: ms(100) }
        : discipline;
  return {
    version: 1,
    nodes: {
      open: {
        kind: 'clients',
        target: 'api',
        arrivals: 'poisson',
        ratePerS: 30 / scale,
        patienceS: s(2),
        whenImpatient: 'leavesAcceptQueue',
        bursts: { factor: 5, quietS: s(4), burstS: s(1) },
        classes: [
          { name: 'urgent', share: 1, priority: 0 },
          { name: 'patient', share: 2, priority: 3, endpoint: 'fan' },
        ],
        policy: {
          timeoutMs: ms(700),
          retry: { attempts: 3, baseS: s(0.1), capS: s(1), jitter: 'decorrelated' },
          retryBudget: { kind: 'ratio', ratio: 0.5, windowS: s(5) },
          propagateDeadline: true,
          travelMs: ms(10),
          loss: 0.02,
        },
      },
      closed: {
        kind: 'clients',
        target: 'api',
        arrivals: 'closed',
        ratePerS: 0,
        patienceS: null,
        users: 5,
        thinkS: s(0.5),
        thinkVariability: { kind: 'exponential' },
      },
      api: {
        kind: 'service',
        threads: 8,
        acceptQueue: 20,
        rejectionMs: ms(2),
        ...(scaled && { discipline: scaled }),
        variability: { kind: 'lognormal', cv: 1 },
        failureRate: 0.02,
        handler: [
          { do: 'work', name: 'own', workMs: ms(20) },
          {
            do: 'branch',
            name: 'some',
            ways: [
              {
                probability: 0.7,
                steps: [
                  {
                    do: 'call',
                    name: 'db',
                    target: 'db',
                    policy: {
                      timeoutMs: ms(300),
                      maxConcurrent: 6,
                      retry: { attempts: 2, baseS: s(0.05), jitter: 'equal' },
                      retryBudget: { kind: 'tokens' },
                      breaker: { window: 20, minimumCalls: 10, openS: s(1), probes: 3 },
                    },
                  },
                ],
              },
            ],
          },
        ],
        endpoints: {
          fan: [
            {
              do: 'parallel',
              name: 'both',
              calls: [
                {
                  do: 'call',
                  name: 'search',
                  target: 'search',
                  policy: { timeoutMs: ms(400), throttle: { windowS: s(10) } },
                },
                { do: 'call', name: 'db2', target: 'db' },
              ],
            },
          ],
        },
      },
      db: {
        kind: 'service',
        threads: 4,
        acceptQueue: 10,
        variability: { kind: 'hyperexponential', cv: 2 },
        hangRate: 0.002,
        hangS: s(2),
        handler: [{ do: 'work', name: 'query', workMs: ms(80) }],
      },
      search: {
        kind: 'service',
        threads: 2,
        acceptQueue: null,
        threading: 'nonBlocking',
        inFlightLimit: 10,
        handler: [
          { do: 'work', name: 'parse', workMs: ms(5) },
          { do: 'call', name: 'index', target: 'index', whenFailed: 'goOn' },
          { do: 'work', name: 'rank', workMs: ms(5) },
        ],
      },
      index: {
        kind: 'service',
        threads: 5,
        acceptQueue: 5,
        variability: { kind: 'uniform', spread: 0.5 },
        handler: [{ do: 'work', name: 'read', workMs: ms(120) }],
      },
    },
    schedule: [
      { timeS: s(8), action: { do: 'outage', node: 'db', durationS: s(1), how: 'stall' } },
      { timeS: s(12), action: { do: 'outage', node: 'index', durationS: s(1), how: 'refuse' } },
      { timeS: s(15), action: { do: 'slow', node: 'db', factor: 5, durationS: s(3) } },
      { timeS: s(20), action: { do: 'flush', node: 'api' } },
      { timeS: s(22), action: { do: 'kill', node: 'api', downS: s(3) } },
    ],
  };
}
