/** Toy flows for tests of the message path: users → api → queue "q" → workers "w", and their logs. */
import type {
  ClientsSpec,
  Flow,
  InputAction,
  JobApiSpec,
  LeaseQueueSpec,
  NodeSpec,
  QueueSpec,
  TimedInput,
  WorkersSpec,
} from '../flow.ts';
import { Simulation } from '../kernel/simulation.ts';
import { VisibleEvent } from '../trace.ts';

type Parts = {
  readonly users?: Partial<ClientsSpec>;
  readonly queue?: Partial<QueueSpec> | (Partial<LeaseQueueSpec> & { readonly kind: 'leaseQueue' });
  readonly workers?: Partial<WorkersSpec>;
  readonly more?: Readonly<Record<string, NodeSpec>>;
  readonly schedule?: readonly TimedInput[];
};

/** One request a second from 1 s on, each a message; one worker that takes 100 ms. */
export function messageFlow(parts: Parts = {}): Flow {
  return {
    version: 1,
    nodes: {
      users: {
        kind: 'clients',
        target: 'api',
        arrivals: 'constant',
        ratePerS: 1,
        patienceS: null,
        ...parts.users,
      },
      api: {
        kind: 'service',
        threads: 10,
        acceptQueue: null,
        handler: [{ do: 'publish', name: 'send', queue: 'q' }],
      },
      q:
        parts.queue?.kind === 'leaseQueue'
          ? parts.queue
          : { kind: 'queue', limit: null, ...parts.queue },
      w: {
        kind: 'workers',
        consumes: 'q',
        workers: 1,
        handler: [{ do: 'work', name: 'do', workMs: 100 }],
        ...parts.workers,
      },
      ...parts.more,
    },
    schedule: parts.schedule,
  };
}

/** One request at 1 s to the job API "jobs" before queue "q"; its worker takes 12 s. */
export function jobFlow(
  api: Partial<JobApiSpec>,
  workers: Partial<WorkersSpec> = {},
  users: Partial<ClientsSpec> = {},
): Flow {
  return messageFlow({
    users: { target: 'jobs', limit: 1, ...users },
    workers: { handler: [{ do: 'work', name: 'do', workMs: 12_000 }], ...workers },
    more: { jobs: { kind: 'jobApi', queue: 'q', ...api } },
  });
}

const shown: Readonly<Partial<Record<VisibleEvent, string>>> = {
  [VisibleEvent.Enqueue]: 'enqueue',
  [VisibleEvent.Deliver]: 'deliver',
  [VisibleEvent.Acknowledge]: 'ack',
  [VisibleEvent.BackOff]: 'back off',
  [VisibleEvent.Requeue]: 'requeue',
  [VisibleEvent.DeadLetter]: 'dead-letter',
  [VisibleEvent.Drop]: 'drop',
  [VisibleEvent.Refuse]: 'refuse',
  [VisibleEvent.Kill]: 'crash',
  [VisibleEvent.Revive]: 'up',
  [VisibleEvent.Answer]: 'answer',
};

export interface MessageRun {
  readonly simulation: Simulation;
  /** `time event request`, the events of `kinds` only. */
  readonly log: readonly string[];
}

/** Runs to `untilS` and logs what happened to the messages. */
export function runMessages(
  flow: Flow,
  untilS: number,
  kinds: readonly string[] = ['deliver', 'ack'],
): MessageRun {
  const simulation = new Simulation(flow, { seed: 1, observe: 'live' });
  simulation.advance(untilS);
  const { trace } = simulation;
  const log: string[] = [];
  for (let k = trace.first; k < trace.count; k++) {
    const i = k & trace.mask;
    const name = shown[trace.kind[i] as VisibleEvent];
    if (name === undefined || !kinds.includes(name)) continue;
    const timeS = Math.round(trace.timeS[i] * 1e6) / 1e6;
    log.push(`${timeS} ${name} ${trace.request[i]}`);
  }
  return { simulation, log };
}

/** The state of a node, for its counts. */
export function stateOf(simulation: Simulation, id: string): Readonly<Record<string, number>> {
  const node = simulation.nodes.find((candidate) => candidate.id === id);
  if (node === undefined) throw new Error(`there is no node ${id}`);
  return node.state as Readonly<Record<string, number>>;
}

export const act = (timeS: number, action: InputAction): TimedInput => ({ timeS, action });
export const set = (timeS: number, path: string, value: number | string | null): TimedInput => ({
  timeS,
  action: { do: 'set', path, value },
});

export interface Mean {
  readonly mean: number;
  readonly standardError: number;
  readonly values: readonly number[];
}

/** Mean over seeds 1 … `seeds` of what `figure` reads off the finished runs, with its standard error. */
export function meanOver(
  flow: Flow,
  seeds: number,
  untilS: number,
  figure: (simulation: Simulation) => number,
): Mean {
  const values: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const simulation = new Simulation(flow, { seed, observe: 'none' });
    simulation.advance(untilS);
    values.push(figure(simulation));
  }
  return meanOf(values);
}

export function meanOf(values: readonly number[]): Mean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  const standardError = Math.sqrt(squares / (values.length - 1) / values.length);
  return { mean, standardError, values };
}
