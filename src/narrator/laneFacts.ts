/** What is the matter in a lane, as numbers: read from its state, never from a script. */
import type { LaneId } from '../scenarios/scenario.ts';
import type { Flow, QueueSpec, ServiceSpec, Step } from '../sim/flow.ts';
import { CellState, type PoolView } from '../sim/view.ts';
import { consumerOf, debtsOf, type DebtFacts } from './debtFacts.ts';
import type { NarratorInput } from './narratorInput.ts';

/** A step of the handler that has a service behind it. */
export interface DownstreamFacts {
  /** Service that does it in the end. */
  readonly serviceId: string;
  readonly queued: boolean;
  /** Mean time a thread spends on it, seconds. */
  readonly holdS: number;
}

/** Threads of the front that wait for one node. */
export interface ParkedOn {
  readonly id: string;
  /** Position among the flow's nodes. */
  readonly index: number;
  readonly label: string;
  readonly count: number;
}

export interface LaneFacts {
  readonly front: PoolView;
  readonly frontLabel: string;
  /** Threads of the front that are not free. */
  readonly taken: number;
  /** Where most of the parked threads wait. */
  readonly parkedMost: ParkedOn | null;
  /** The place after that. */
  readonly parkedSecond: ParkedOn | null;
  /** Longest any of them has been parked, seconds. */
  readonly parkedLongestS: number;
  /** For how long nearly all threads have been parked, seconds. */
  readonly allParkedS: number;
  readonly downstream: readonly DownstreamFacts[];
  /** Mean time one request holds a thread of the front, seconds, and the parked part of it. */
  readonly holdS: number;
  readonly holdParkedS: number;
  readonly debts: readonly DebtFacts[];
  /** Both lanes run the same program. */
  readonly sameProgram: boolean;
}

/** Parked threads from this share on count as "all" when looking back. */
const NEARLY_ALL = 0.85;

/** The engine's value of a path: the parameter's if there is one, else the flow's. */
function valueOfPath<T>(input: NarratorInput, path: string, flowValue: T): T | number {
  const parameter = input.scenario.parameters.find(
    ({ paths, lanes }) => paths.includes(path) && (!lanes || lanes.includes(input.lane)),
  );
  const value = parameter && input.values[parameter.key];
  if (parameter?.kind === 'number' && typeof value === 'number') {
    return value * (parameter.factor ?? 1);
  }
  return flowValue;
}

function isQueued(input: NarratorInput, lane: LaneId, step: Step, frontId: string): boolean {
  if (step.do === 'publish') return true;
  if (step.do !== 'switch') return false;
  const path = `${frontId}.mode.${step.name}`;
  const parameter = input.scenario.parameters.find(
    ({ paths, lanes }) => paths.includes(path) && (!lanes || lanes.includes(lane)),
  );
  return (parameter ? input.values[parameter.key] : step.mode) === 'queue';
}

function frontOf(flow: Flow): { readonly id: string; readonly spec: ServiceSpec } {
  for (const node of Object.values(flow.nodes)) {
    if (node.kind !== 'clients') continue;
    const spec = flow.nodes[node.target];
    if (spec?.kind === 'service') return { id: node.target, spec };
  }
  throw new Error('The flow has no service that clients call');
}

export function laneFacts(input: NarratorInput): LaneFacts {
  const { scenario, lane, view } = input;
  const flow = scenario.lanes[lane];
  const labelOf = (id: string): string => flow.nodes[id]?.label ?? id;
  const pool = (id: string): PoolView | undefined =>
    view.nodes.find((node): node is PoolView => node.kind === 'pool' && node.id === id);
  const { id: frontId, spec: frontSpec } = frontOf(flow);
  const front = pool(frontId);
  if (!front) throw new Error(`The view has no service ${frontId}`);

  const parkedOn = new Map<number, number>();
  let parkedLongestS = 0;
  for (let cell = 0; cell < front.cellCount; cell++) {
    if (front.state[cell] !== CellState.Parked) continue;
    const target = front.targetNode[cell] ?? -1;
    parkedOn.set(target, (parkedOn.get(target) ?? 0) + 1);
    parkedLongestS = Math.max(parkedLongestS, view.timeS - (front.sinceS[cell] ?? view.timeS));
  }
  const places: ParkedOn[] = [];
  for (const [index, count] of parkedOn) {
    const id = view.nodes[index]?.id;
    if (id !== undefined) places.push({ id, index, label: labelOf(id), count });
  }
  places.sort((a, b) => b.count - a.count || a.index - b.index);

  let holdS = 0;
  let holdParkedS = 0;
  const downstream: DownstreamFacts[] = [];
  for (const step of frontSpec.handler) {
    if (step.do === 'work') {
      holdS += valueOfPath(input, `${frontId}.workMs`, step.workMs) / 1000;
      continue;
    }
    const queued = isQueued(input, lane, step, frontId);
    const taken = step.do === 'switch' ? (queued ? step.queue : step.wait) : step;
    let stepS = 0;
    let serviceId = '';
    if (taken.do === 'publish') {
      const queue = flow.nodes[taken.queue] as QueueSpec | undefined;
      stepS = valueOfPath(input, `${taken.queue}.publishMs`, queue?.publishMs ?? 0) / 1000;
      serviceId = consumerOf(flow, taken.queue);
    } else if (taken.do === 'call') {
      stepS = (pool(taken.target)?.workMs ?? 0) / 1000;
      serviceId = taken.target;
    }
    downstream.push({ serviceId, queued, holdS: stepS });
    holdS += stepS;
    holdParkedS += stepS;
  }

  const otherLane: LaneId = lane === 'sync' ? 'async' : 'sync';
  return {
    front,
    frontLabel: labelOf(frontId),
    taken: front.runningCount + front.parkedCount + front.downCount,
    parkedMost: places[0] ?? null,
    parkedSecond: places[1] ?? null,
    parkedLongestS,
    allParkedS: allParkedFor(input, front.capacity),
    downstream,
    holdS,
    holdParkedS,
    debts: debtsOf(input, flow, front, labelOf, pool),
    sameProgram: frontSpec.handler.every(
      (step) => isQueued(input, lane, step, frontId) === isQueued(input, otherLane, step, frontId),
    ),
  };
}

/** Looks back along the history, so that it is right after a seek too. */
function allParkedFor({ history, lane, view }: NarratorInput, capacity: number): number {
  const { parked } = history.lanes[lane];
  let sample = Math.min(history.length - 1, Math.floor(view.timeS / history.stepS));
  let sinceS = view.timeS;
  while (sample >= 0 && (parked[sample] ?? 0) >= NEARLY_ALL * capacity) {
    sinceS = sample * history.stepS;
    sample--;
  }
  return view.timeS - sinceS;
}
