/**
 * Which rooms, corridors and vessels a lane has now. Everything here changes only when a person
 * changes the program or a limit, or when something left behind has drained, so the stage is laid
 * out anew only then.
 */
import type { Flow, Step } from '../sim/flow.ts';
import type { BrokerView, LaneView, PoolView } from '../sim/view.ts';
import { CellState } from '../sim/view.ts';

/** How a step's service is reached: by calls, through a queue, or still by both. */
export type Access = 'calls' | 'queue' | 'both';

export interface StepStructure {
  /** Name of the handler step, as in the switch's key. */
  readonly step: string;
  /** Positions in `LaneView.nodes`; broker −1 where the step has none. */
  readonly service: number;
  readonly broker: number;
  readonly label: string;
  readonly queueLabel: string;
  readonly access: Access;
  /** Threads to make room for. */
  readonly threads: number;
  /** Accept-queue slots its callers can fill at most. */
  readonly slots: number;
  /** Ready messages the broker holds at most. */
  readonly limit: number;
  /** Whether anything can be backing off or dead-lettered. */
  readonly shelf: boolean;
}

export interface LaneStructure {
  readonly entry: {
    readonly service: number;
    readonly label: string;
    readonly threads: number;
    readonly acceptQueue: number;
  };
  /** The steps that wait or queue, in program order: upper room first. */
  readonly steps: readonly StepStructure[];
}

/** What a flow fixes once and for all. */
export interface LaneTopology {
  readonly flow: Flow;
  readonly entry: number;
  readonly steps: readonly {
    readonly name: string;
    readonly service: number;
    readonly broker: number;
  }[];
}

/** The clients' target and the steps of its handler that can wait or queue. */
export function readTopology(flow: Flow): LaneTopology {
  const ids = Object.keys(flow.nodes);
  const clients = Object.values(flow.nodes).find((node) => node.kind === 'clients');
  if (!clients) throw new Error('The flow has no clients.');
  const entry = flow.nodes[clients.target];
  if (entry?.kind !== 'service') throw new Error('The clients call no service.');
  const steps = entry.handler.flatMap((step) => {
    const target = calledService(step);
    if (target === null) return [];
    return [
      { name: step.name, service: ids.indexOf(target), broker: ids.indexOf(usedQueue(step) ?? '') },
    ];
  });
  return { flow, entry: ids.indexOf(clients.target), steps };
}

function calledService(step: Step): string | null {
  if (step.do === 'call') return step.target;
  return step.do === 'switch' ? calledService(step.wait) : null;
}

function usedQueue(step: Step): string | null {
  if (step.do === 'publish') return step.queue;
  return step.do === 'switch' ? usedQueue(step.queue) : null;
}

/**
 * @param modeOf how a step's switch stands, by its name
 * @param previous the structure shown so far, so that a shrinking room keeps its cells in place
 *   until the last superfluous thread has come free, and a shelf stays once it was needed
 */
export function readStructure(
  topology: LaneTopology,
  view: LaneView,
  modeOf: (step: string) => 'wait' | 'queue',
  previous: LaneStructure | null,
): LaneStructure {
  const entry = view.nodes[topology.entry] as PoolView;
  const labelOf = (node: number): string => {
    const id = view.nodes[node].id;
    return topology.flow.nodes[id]?.label ?? id;
  };
  const steps = topology.steps.map((step, i): StepStructure => {
    const pool = view.nodes[step.service] as PoolView;
    const broker = step.broker < 0 ? null : (view.nodes[step.broker] as BrokerView);
    const before = previous?.steps[i] ?? null;
    const access = accessOf(modeOf(step.name), entry, pool, broker);
    return {
      step: step.name,
      service: step.service,
      broker: step.broker,
      label: labelOf(step.service),
      queueLabel: step.broker < 0 ? '' : labelOf(step.broker),
      access,
      threads: threadsToShow(pool, before?.threads),
      slots: Math.max(0, entry.capacity - pool.capacity),
      limit: broker ? broker.limit : Infinity,
      shelf:
        broker !== null &&
        access !== 'calls' &&
        (before?.shelf === true || broker.backingOff > 0 || broker.deadLettered > 0),
    };
  });
  return {
    entry: {
      service: topology.entry,
      label: labelOf(topology.entry),
      threads: threadsToShow(entry, previous?.entry.threads),
      acceptQueue: entry.queueLimit,
    },
    steps,
  };
}

function accessOf(
  mode: 'wait' | 'queue',
  entry: PoolView,
  pool: PoolView,
  broker: BrokerView | null,
): Access {
  if (!broker) return 'calls';
  if (mode === 'wait') {
    return broker.ready + broker.inFlight + broker.backingOff > 0 ? 'both' : 'calls';
  }
  return pool.queueLength > 0 || isCalled(entry, pool.index) ? 'both' : 'queue';
}

function isCalled(caller: PoolView, target: number): boolean {
  for (let i = 0; i < caller.cellCount; i++) {
    if (caller.state[i] === CellState.Parked && caller.targetNode[i] === target) return true;
  }
  return false;
}

function threadsToShow(pool: PoolView, before: number | undefined): number {
  if (pool.cellCount <= pool.capacity) return pool.capacity;
  return Math.max(pool.cellCount, before ?? 0);
}

/** Equal keys mean equal layouts. */
export function structureKey(structure: LaneStructure): string {
  const { entry } = structure;
  let key = `${entry.threads}/${entry.acceptQueue}`;
  for (const step of structure.steps) {
    key += `|${step.access},${step.threads},${step.slots},${step.limit},${step.shelf ? 1 : 0}`;
  }
  return key;
}
