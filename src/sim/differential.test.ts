import { expect, it } from 'vitest';
import type { CallPolicy } from './callPolicy.ts';
import type { Flow, QueueSpec, ServiceSpec, Step } from './flow.ts';
import { Simulation } from './kernel/simulation.ts';
import { Outcome } from './outcome.ts';
import { Dice } from './testing/dice.ts';
import { SlowModel, type LogLine } from './testing/slowModel.ts';
import { VisibleEvent } from './trace.ts';

const FLOWS = 4000;

const outcomes: Readonly<Record<number, string>> = {
  [Outcome.Served]: 'served',
  [Outcome.Rejected]: 'rejected',
  [Outcome.TimedOut]: 'timedOut',
  [Outcome.Failed]: 'failed',
};

const names: Readonly<Record<number, string>> = {
  [VisibleEvent.Arrive]: 'arrive',
  [VisibleEvent.Reject]: 'reject',
  [VisibleEvent.Wait]: 'wait',
  [VisibleEvent.Start]: 'start',
  [VisibleEvent.Enqueue]: 'enqueue',
  [VisibleEvent.Deliver]: 'deliver',
  [VisibleEvent.Acknowledge]: 'acknowledge',
  [VisibleEvent.BackOff]: 'backOff',
  [VisibleEvent.Requeue]: 'requeue',
  [VisibleEvent.DeadLetter]: 'deadLetter',
  [VisibleEvent.Drop]: 'drop',
  [VisibleEvent.Refuse]: 'refuse',
  [VisibleEvent.Answer]: 'answer',
  [VisibleEvent.GiveUp]: 'giveUp',
};

function engineLog(flow: Flow, seed: number, untilS: number): LogLine[] {
  const simulation = new Simulation(flow, { seed, observe: 'live' });
  simulation.advance(untilS);
  const { trace } = simulation;
  expect(trace.first).toBe(0);
  const ids = Object.keys(flow.nodes);
  const log: LogLine[] = [];
  for (let i = 0; i < trace.count; i++) {
    const name = names[trace.kind[i]];
    if (name === undefined) continue;
    const detail =
      name === 'answer'
        ? ` ${outcomes[trace.detail[i]]}`
        : name === 'deliver'
          ? ` ${trace.detail[i]}`
          : '';
    log.push(`${trace.timeS[i]} ${name}${detail} ${trace.request[i]} ${ids[trace.node[i]]}`);
  }
  return log;
}

/** Thread seconds at each service that went into results nobody awaited, as the report tells. */
function engineWaste(flow: Flow, seed: number, untilS: number): ReadonlyMap<string, number> {
  const simulation = new Simulation(flow, { seed, observe: 'metrics' });
  simulation.advance(untilS);
  const wasted = new Map<string, number>();
  for (const [id, { threads }] of Object.entries(simulation.report().nodes)) {
    if (flow.nodes[id].kind === 'service') wasted.set(id, threads?.wastedS ?? 0);
  }
  return wasted;
}

/**
 * API with work, calls to a backend and publishes to a queue whose workers may also answer calls; the
 * backend may call on. Every call may time out and pass its deadline on.
 */
function coreFlow(dice: Dice): Flow {
  const policy = (fromMs: number, toMs: number): { policy?: CallPolicy } =>
    dice.chance(0.4)
      ? {}
      : {
          policy: {
            timeoutMs: dice.chance(0.2) ? null : fromMs + (toMs - fromMs) * dice.share(),
            propagateDeadline: dice.chance(0.5),
          },
        };
  const work = (name: string): Step => ({ do: 'work', name, workMs: 20 + dice.below(400) });
  const variability = dice.pick([
    { kind: 'exponential' as const },
    { kind: 'gamma' as const, cv: 0.2 + 0.7 * dice.share() },
  ]);
  const steps: Step[] = [];
  const count = 1 + dice.below(4);
  for (let k = 0; k < count; k++) {
    steps.push(
      dice.pick<Step>([
        work(`w${k}`),
        { do: 'call', name: `c${k}`, target: 'backend', ...policy(50, 1000) },
        { do: 'publish', name: `p${k}`, queue: 'queue' },
      ]),
    );
  }
  const service = (handler: Step[], failureRate: number): ServiceSpec => ({
    kind: 'service',
    threads: 1 + dice.below(4),
    acceptQueue: dice.chance(0.3) ? null : dice.below(5),
    variability,
    failureRate: dice.chance(0.5) ? 0 : failureRate,
    handler,
  });
  const queue: QueueSpec = {
    kind: 'queue',
    limit: dice.chance(0.3) ? null : 1 + dice.below(6),
    overflow: dice.pick(['dropOldest', 'rejectPublish']),
    publishMs: 1 + 10 * dice.share(),
    maxAttempts: 1 + dice.below(4),
    backoffBaseS: 0.1 + dice.share(),
    backoffCapS: 0.5 + 3 * dice.share(),
    jitter: 'none',
  };
  return {
    version: 1,
    nodes: {
      users: {
        kind: 'clients',
        target: 'api',
        arrivals: 'poisson',
        ratePerS: 1 + 15 * dice.share(),
        patienceS: dice.chance(0.3) ? null : 0.2 + 3 * dice.share(),
        whenImpatient: dice.pick(['stays', 'leavesAcceptQueue']),
        patienceRuns: dice.pick(['untilAnswered', 'untilStarted']),
        limit: 60,
        ...policy(200, 3000),
      },
      api: service([work('first'), ...steps], 0.2),
      backend: {
        ...service(
          dice.chance(0.5)
            ? [work('back')]
            : [
                work('back'),
                { do: 'call', name: 'on', target: 'deep', ...policy(50, 600) },
                work('again'),
              ],
          0.3,
        ),
        ...(dice.chance(0.4) ? { consumes: 'queue' } : {}),
      },
      deep: service([work('deep')], 0.2),
      workers: { ...service([work('effect')], 0.5), consumes: 'queue' },
      queue,
    },
  };
}

it(
  `agrees with the slow model event by event on ${FLOWS} random flows`,
  { timeout: 60_000 },
  () => {
    const met = new Set<string>();
    let wasted = 0;
    for (let seed = 0; seed < FLOWS; seed++) {
      const flow = coreFlow(new Dice(seed));
      const model = new SlowModel(flow, seed);
      model.run(40);
      const engine = engineLog(flow, seed, 40);
      // What happens at one instant has no order that matters to anybody.
      const expected = [...model.log].sort();
      const actual = engine.sort();
      for (let k = 0; k < Math.max(expected.length, actual.length); k++) {
        if (actual[k] === expected[k]) continue;
        throw new Error(
          `flow ${seed}: the engine says "${actual[k]}", the model "${expected[k]}"\n${JSON.stringify(flow)}`,
        );
      }
      for (const line of expected) met.add(line.split(' ')[1]);
      for (const [id, wastedS] of engineWaste(flow, seed, 40)) {
        expect(wastedS, `flow ${seed}: wasted at ${id}`).toBeCloseTo(model.wastedS(id), 9);
        if (wastedS > 0) wasted++;
      }
    }
    // In a good part of the services somebody worked for nobody.
    expect(wasted).toBeGreaterThan(FLOWS);
    // Every kind of event took part.
    expect([...met].sort()).toEqual([...new Set(Object.values(names))].sort());
  },
);
