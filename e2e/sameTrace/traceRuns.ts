/** The runs whose traces have to be the same everywhere. */
import { flowOf, workloads } from '../../scripts/bench/workloads.mjs';
import { checkout } from '../../src/scenarios/checkout.ts';
import { LANE_IDS } from '../../src/scenarios/scenario.ts';
import type { Flow, InputAction, TimedInput, Variability } from '../../src/sim/flow.ts';
import { parseFlow } from '../../src/sim/format/parseFlow.ts';
import { unions } from '../../src/sim/format/unions.ts';
import { LimitError } from '../../src/sim/kernel/limits.ts';
import { Simulation } from '../../src/sim/kernel/simulation.ts';
import { disciplines, requestPathFlow } from '../../src/sim/testing/requestPathFlow.ts';
import { validFlow } from '../../src/sim/testing/validFlows.ts';
import type { TraceRun } from './traceDigest.ts';

/** Arrivals of each bench workload: the model counts here, not the length of the run. */
const CUSTOMERS = 25_000;
/** Random flows in which each kind of node takes part. */
const RUNS_PER_KIND = 4;
const RANDOM_EVENTS = 3000;
export const FEWEST_EVENTS = 100;

export function traceRuns(): readonly TraceRun[] {
  return [
    ...LANE_IDS.map((lane) => ({
      ...run(`checkout, ${lane}`, checkout.lanes[lane], 120),
      inputs: checkoutInputs,
    })),
    ...Object.values(workloads).map((workload) =>
      run(workload.title, parsed(flowOf(workload, CUSTOMERS)), Infinity),
    ),
    run('every distribution', everyDistribution, 300),
    ...disciplines.map((discipline) =>
      run(`request path, ${discipline.kind}`, requestPathFlow(discipline), 30),
    ),
    ...randomRuns(),
  ];
}

/** Node kinds that took part in a run (something was counted or measured there), and its events. */
export function takingPart({ flow, seed, untilS, maxEvents }: TraceRun): {
  readonly kinds: ReadonlySet<string>;
  readonly events: number;
} {
  const kinds = new Set<string>();
  const simulation = new Simulation(flow, { seed, observe: 'metrics' });
  try {
    simulation.advanceWithin(untilS, maxEvents);
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
  }
  for (const { kind, counts, staleness } of Object.values(simulation.report().nodes)) {
    if (Object.keys(counts).length > 0 || staleness !== null) kinds.add(kind);
    // Clients are counted where their requests go.
    if (counts['offered'] !== undefined) kinds.add('clients');
  }
  for (const { id, state } of simulation.nodes) {
    // A topic is counted at its subscriptions.
    const { published = 0 } = state as { readonly published?: number };
    if (flow.nodes[id].kind === 'topic' && published > 0) kinds.add('topic');
  }
  return { kinds, events: simulation.eventCount };
}

/** Distributions that a flow draws from. */
export function distributionsIn(value: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  const search = (inner: unknown): void => {
    if (typeof inner !== 'object' || inner === null) return;
    const { kind } = inner as { kind?: unknown };
    if (typeof kind === 'string' && kind in unions.variability.variants) found.add(kind);
    Object.values(inner).forEach(search);
  };
  search(value);
  return found;
}

function run(name: string, flow: Flow, untilS: number): TraceRun {
  return { name, flow, seed: 20_261, untilS, maxEvents: 1_000_000, inputs: [] };
}

function parsed(file: unknown): Flow {
  const { flow, faults } = parseFlow(file);
  if (flow === undefined) throw new Error(JSON.stringify(faults));
  return flow;
}

const set = (timeS: number, path: string, value: number | string | null): TimedInput => ({
  timeS,
  action: { do: 'set', path, value },
});
const act = (timeS: number, action: InputAction): TimedInput => ({ timeS, action });

/** What a visitor may do in two minutes; moments that no event shares. */
const checkoutInputs: readonly TimedInput[] = [
  set(0, 'users.ratePerS', 30),
  set(5.1, 'email.workMs', 4000),
  set(11.7, 'email.failureRate', 0.3),
  set(11.7, 'payment.failureRate', 0.05),
  act(20.3, { do: 'poison', node: 'email' }),
  act(25.9, { do: 'kill', node: 'email', downS: 10 }),
  act(26.2, { do: 'kill', node: 'payment', downS: 10 }),
  set(40.6, 'api.mode.payment', 'queue'),
  act(50.05, { do: 'surge', node: 'users', factor: 10, durationS: 20 }),
  set(61.3, 'api.threads', 5),
  set(66.1, 'email.workMs', 200),
  set(80.9, 'api.threads', 40),
  set(81.3, 'api.cv', 1),
  set(88.8, 'users.whenImpatient', 'leavesAcceptQueue'),
  set(90.4, 'emailQueue.limit', 20),
  set(90.4, 'email.threads', 2),
  set(101.2, 'api.mode.email', 'queue'),
];

const distributions: readonly Variability[] = [
  { kind: 'constant' },
  { kind: 'gamma', cv: 0.35 },
  { kind: 'gamma', cv: 0.9 },
  { kind: 'exponential' },
  { kind: 'lognormal', cv: 0.5 },
  { kind: 'lognormal', cv: 4 },
  { kind: 'hyperexponential', cv: 3 },
  { kind: 'uniform', spread: 0.7 },
  { kind: 'empirical', values: [1, 2, 3, 5, 8, 13, 0.1] },
];

/** Every request draws from each of them. */
const everyDistribution: Flow = {
  version: 1,
  nodes: {
    users: {
      kind: 'clients',
      target: 'api',
      arrivals: 'poisson',
      ratePerS: 20,
      patienceS: null,
    },
    api: {
      kind: 'service',
      threads: 20,
      acceptQueue: 50,
      handler: distributions.map((variability, k) => ({
        do: 'work',
        name: `${k} ${variability.kind}`,
        workMs: 100,
        variability,
      })),
    },
  },
};

/** Random flows in which something happens: each kind of node takes part in some of them. */
function randomRuns(): readonly TraceRun[] {
  const runs: TraceRun[] = [];
  const met = new Map(Object.keys(unions.node.variants).map((kind) => [kind, 0]));
  for (let seed = 0; Math.min(...met.values()) < RUNS_PER_KIND; seed++) {
    if (seed > 1000) throw new Error(`random flows lack kinds: ${JSON.stringify([...met])}`);
    const candidate: TraceRun = {
      ...run(`random flow ${seed}`, validFlow(seed, true), 60),
      maxEvents: RANDOM_EVENTS,
    };
    const { kinds, events } = takingPart(candidate);
    const isNew = [...kinds].some((kind) => met.get(kind)! < RUNS_PER_KIND);
    if (kinds.size < 3 || events < FEWEST_EVENTS || !isNew) continue;
    runs.push(candidate);
    for (const kind of kinds) met.set(kind, met.get(kind)! + 1);
  }
  return runs;
}
