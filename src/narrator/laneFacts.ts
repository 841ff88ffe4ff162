/** What is the matter in a lane, as numbers: read from its state, never from a script. */
import { findParameter } from '../scenarios/parameterValue.ts';
import type { LaneId, ParameterValue, Scenario } from '../scenarios/scenario.ts';
import type { Player, History } from '../playback/player.ts';
import type { Flow, QueueSpec, ServiceSpec, Step } from '../sim/flow.ts';
import { RATE_WINDOW_S, type LaneReadouts } from '../sim/metrics/readouts.ts';
import { CellState, type BrokerView, type LaneView, type PoolView } from '../sim/view.ts';
import { RENEW_MS } from './narratorVoice.ts';

/** Everything a sentence is made from. */
export interface NarratorInput {
  readonly lane: LaneId;
  readonly scenario: Scenario;
  /** Parameter values at the moment told of. */
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly view: LaneView;
  readonly readouts: LaneReadouts;
  readonly history: History;
  /** When something was last changed, seconds: growth is measured from there on. */
  readonly lastChangeS: number;
  /** Model time that a sentence stands before its numbers are renewed, seconds. */
  readonly renewS: number;
}

/** The moment the player shows. */
export function narratorInput(player: Player, lane: LaneId): NarratorInput {
  const { timeS, status } = player;
  let lastChangeS = 0;
  for (const { timeS: inputS, action } of player.inputs) {
    if (inputS > timeS) break;
    const endS = action.do === 'surge' ? inputS + action.durationS : inputS;
    lastChangeS = Math.max(lastChangeS, endS <= timeS ? endS : inputS);
  }
  return {
    lane,
    scenario: player.scenario,
    values: status.values,
    view: player.view(lane),
    readouts: player.readouts(lane),
    history: player.history,
    lastChangeS,
    renewS: status.playing ? (status.speed * RENEW_MS) / 1000 : 0,
  };
}

/** A step of the handler that has a service behind it. */
export interface DownstreamFacts {
  /** Service that does it in the end. */
  readonly serviceId: string;
  readonly queued: boolean;
  /** Mean time a thread spends on it, seconds. */
  readonly holdS: number;
}

/** A queue that messages go through, with the workers behind it. */
export interface DebtFacts {
  readonly queueId: string;
  /** For example `email`: what a message of this queue is. */
  readonly noun: string;
  readonly workers: PoolView;
  readonly workerLabel: string;
  readonly broker: BrokerView;
  /** Messages more (or fewer) each second. */
  readonly growthPerS: number;
  /** It grows, and that is more than chance. */
  readonly isGrowing: boolean;
  /** So near to what the workers can do that chance decides when it overflows or is empty. */
  readonly isRough: boolean;
  /** Until the queue is full, seconds; null if it does not get there. */
  readonly overflowS: number | null;
  /** Until the queue is empty, seconds; null if it does not get there. */
  readonly emptyS: number | null;
  /** Until the effect of a message published now, retries included, seconds; null: it has none. */
  readonly arrivesS: number | null;
  /** Share of attempts that fail and are made again, 0 to 1: a card that is declined is done. */
  readonly retryShare: number;
  /** Lost or refused each second, while it is full. */
  readonly lostPerS: number;
  readonly rejectsPublish: boolean;
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
/** Growth is measured over at most this long. */
const GROWTH_WINDOW_S = 20;
/** A measurement this old weighs as much as what load and workers let expect. */
const GROWTH_TRUST_S = 60;
/** Changes in depth slower than this are noise, messages a second. */
const STEADY_PER_S = 0.3;
/** Standard deviations from which on a measured trend is believed. */
const SURE_SIGMAS = 2;
/** Within this share of what the workers can do, predictions are rough. */
const ROUGH_SHARE = 0.1;
/** A queue this many times as deep as load and workers would keep it is being worked off. */
const DRAIN_FACTOR = 3;

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

/** Mean deliveries until a message is acknowledged or given up. */
function meanDeliveries(failureRate: number, maxAttempts: number): number {
  return failureRate >= 1
    ? maxAttempts
    : (1 - Math.pow(failureRate, maxAttempts)) / (1 - failureRate);
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

function consumerOf(flow: Flow, queueId: string): string {
  const found = Object.entries(flow.nodes).find(
    ([, node]) => node.kind === 'service' && node.consumes === queueId,
  );
  return found?.[0] ?? '';
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

function debtsOf(
  input: NarratorInput,
  flow: Flow,
  front: PoolView,
  labelOf: (id: string) => string,
  pool: (id: string) => PoolView | undefined,
): readonly DebtFacts[] {
  const { view, readouts } = input;
  const brokers = view.nodes.filter((node) => node.kind === 'broker');
  const used = brokers.filter(
    (broker) =>
      broker.ready + broker.inFlight + broker.backingOff + broker.deadLettered + broker.dropped >
        0 || (readouts.publishedPerS[broker.id] ?? 0) > 0,
  );
  return used.flatMap((broker): DebtFacts[] => {
    const serviceId = consumerOf(flow, broker.id);
    const workers = pool(serviceId);
    if (!workers) return [];
    const queue = flow.nodes[broker.id] as QueueSpec;
    const publishedPerS = readouts.publishedPerS[broker.id] ?? 0;
    const spec = flow.nodes[serviceId];
    const isDeclining = spec?.kind === 'service' && spec.failureKind === 'decline';
    const retryShare = isDeclining ? 0 : workers.failureRate;
    const perWorkerPerS = 1000 / Math.max(1, workers.workMs);
    const upCount = Math.max(0, workers.capacity - workers.downCount);
    const attemptsPerS = upCount * perWorkerPerS;
    const deliveries = meanDeliveries(retryShare, broker.maxAttempts);
    const handledPerS = attemptsPerS / deliveries;
    const inflow = inflowOf(input, front, publishedPerS);
    // All is known of messages that each need one attempt: measuring would only add chance.
    const isMeasured = used.length === 1 && !(inflow.isExact && retryShare === 0);
    const growth = growthOf(input, broker, isMeasured, inflow, handledPerS);
    const growthPerS = growth.perS;
    const rejectsPublish =
      (findParameter(input.scenario, 'queue.overflow')
        ? input.values['queue.overflow']
        : queue.overflow) === 'rejectPublish';
    const room = broker.limit - broker.ready;
    const lostPerS = readouts.lostPerS[broker.id] ?? 0;
    // Behind a queue that drops its oldest, a message moves up at the speed at which new ones come.
    const pushedPerS = lostPerS > 0 && !rejectsPublish ? inflow.perS * deliveries : 0;
    const returnsS = returnTimes(workers, view.timeS);
    const until = (amount: number, perS: (up: number) => number) =>
      reachS(amount, perS, upCount, returnsS);
    const waitS = until(broker.ready, (up) => Math.max(up * perWorkerPerS, pushedPerS));
    const attemptS = (waitS ?? Infinity) + workers.workMs / 1000;
    const growthWith = (up: number) => growthPerS - ((up - upCount) * perWorkerPerS) / deliveries;
    return [
      {
        queueId: broker.id,
        noun: labelOf(serviceId).toLowerCase(),
        workers,
        workerLabel: labelOf(serviceId),
        broker,
        growthPerS,
        isGrowing: growth.isGrowing,
        isRough: Math.abs(growthPerS) < ROUGH_SHARE * handledPerS,
        overflowS: growth.isGrowing && Number.isFinite(room) ? until(room, growthWith) : null,
        emptyS: growth.isDraining ? until(broker.ready, (up) => -growthWith(up)) : null,
        arrivesS: arrivalS(attemptS, retryShare, broker.maxAttempts, queue),
        retryShare,
        lostPerS,
        rejectsPublish,
      },
    ];
  });
}

/** When each killed worker is back, seconds from now, soonest first. */
function returnTimes(workers: PoolView, timeS: number): readonly number[] {
  const returnsS: number[] = [];
  for (let cell = 0; cell < workers.cellCount; cell++) {
    if (workers.state[cell] !== CellState.Down) continue;
    returnsS.push(Math.max(0, (workers.untilS[cell] ?? timeS) - timeS));
  }
  return returnsS.sort((a, b) => a - b);
}

/**
 * Time until an amount is reached at a rate that depends on how many workers are up.
 *
 * @param upCount workers up now @param returnsS when one more is, seconds from now, soonest first
 * @returns seconds; null: never
 */
function reachS(
  amount: number,
  perS: (up: number) => number,
  upCount: number,
  returnsS: readonly number[],
): number | null {
  let [left, fromS, up] = [amount, 0, upCount];
  for (const returnS of returnsS) {
    const rate = perS(up);
    if (rate > 0 && left <= rate * (returnS - fromS)) return fromS + left / rate;
    left -= rate * (returnS - fromS);
    fromS = returnS;
    up++;
  }
  const rate = perS(up);
  return rate > 0 ? fromS + left / rate : null;
}

/**
 * Mean time until a message has its effect, over those that have it within their attempts.
 *
 * @param attemptS wait in the queue and work of one attempt, seconds
 * @param retryShare share of attempts that fail, 0 to 1 @returns seconds; null: all attempts fail
 */
function arrivalS(
  attemptS: number,
  retryShare: number,
  maxAttempts: number,
  { backoffBaseS = 0, backoffCapS = Infinity, jitter }: QueueSpec,
): number | null {
  if (retryShare >= 1) return null;
  const ofBackoff = jitter === 'full' ? 0.5 : jitter === 'equal' ? 0.75 : 1;
  let [elapsedS, sumS, chances] = [0, 0, 0];
  // What comes after a thousand attempts does not show in the mean.
  for (let attempt = 1; attempt <= Math.min(maxAttempts, 1000); attempt++) {
    elapsedS += attemptS;
    const chance = Math.pow(retryShare, attempt - 1) * (1 - retryShare);
    sumS += chance * elapsedS;
    chances += chance;
    elapsedS += ofBackoff * Math.min(backoffCapS, backoffBaseS * Math.pow(2, attempt - 1));
  }
  return sumS / chances;
}

/** Messages that come in, a second. */
interface Inflow {
  readonly perS: number;
  /** It is the load itself, as set; else it was measured over the last seconds. */
  readonly isExact: boolean;
}

/** The load itself while every request is let in, else what was measured. */
function inflowOf(
  { view, readouts }: NarratorInput,
  front: PoolView,
  publishedPerS: number,
): Inflow {
  const clients = view.nodes.find((node) => node.kind === 'clients');
  const unhindered =
    clients !== undefined &&
    front.queueLength === 0 &&
    readouts.rejectedPerS + readouts.timedOutPerS + readouts.failedPerS + readouts.declinedPerS ===
      0;
  return unhindered
    ? { perS: clients.ratePerS, isExact: true }
    : { perS: publishedPerS, isExact: false };
}

interface Growth {
  readonly perS: number;
  readonly isGrowing: boolean;
  readonly isDraining: boolean;
}

/**
 * Growth of the ready messages: what load and workers let expect, and where the load let in or the
 * attempts needed are not known, what was measured too. Poisson arrivals make a short measurement
 * unsure by several per cent, so it counts the more the longer it is. A queue
 * that swings about the depth its load keeps it at neither grows nor drains.
 */
function growthOf(
  { view, history, lane, lastChangeS }: NarratorInput,
  broker: BrokerView,
  wantsMeasure: boolean,
  inflow: Inflow,
  handledPerS: number,
): Growth {
  const expectedPerS = inflow.perS - handledPerS;
  const fromS = Math.max(0, lastChangeS, view.timeS - GROWTH_WINDOW_S);
  const sample = Math.ceil(fromS / history.stepS);
  const elapsedS = view.timeS - sample * history.stepS;
  if (broker.ready === 0) return { perS: 0, isGrowing: false, isDraining: false };
  const isMeasured = wantsMeasure && sample < history.length && elapsedS >= 0.5;
  const trust = isMeasured ? elapsedS / (elapsedS + GROWTH_TRUST_S) : 0;
  const measuredPerS = isMeasured
    ? (broker.ready - (history.lanes[lane].queued[sample] ?? 0)) / elapsedS
    : 0;
  const perS = trust * measuredPerS + (1 - trust) * expectedPerS;
  // Poisson counts: arrivals and departures of the measured time, arrivals of the rates' window.
  const sigmaPerS =
    (isMeasured ? trust * Math.sqrt((inflow.perS + handledPerS) / elapsedS) : 0) +
    (inflow.isExact ? 0 : (1 - trust) * Math.sqrt(inflow.perS / RATE_WINDOW_S));
  const isSure = (sign: number) =>
    sign * perS > STEADY_PER_S &&
    ((inflow.isExact && sign * expectedPerS > STEADY_PER_S) ||
      sign * perS > SURE_SIGMAS * sigmaPerS);
  const use = inflow.perS / Math.max(0.001, handledPerS);
  const steadyDepth = use < 1 ? use / (1 - use) : Infinity;
  return {
    perS,
    isGrowing: isSure(1),
    isDraining: isSure(-1) && broker.ready > DRAIN_FACTOR * steadyDepth,
  };
}
