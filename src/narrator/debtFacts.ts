/** What is owed behind each queue, as numbers: how it grows, and when it is full, empty or done. */
import { findParameter } from '../scenarios/parameterValue.ts';
import type { Flow, QueueSpec } from '../sim/flow.ts';
import { CellState, type BrokerView, type PoolView } from '../sim/view.ts';
import type { NarratorInput } from './narratorInput.ts';
import { growthOf, inflowOf } from './queueGrowth.ts';

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

/** Within this share of what the workers can do, predictions are rough. */
const ROUGH_SHARE = 0.1;

export function debtsOf(
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

/** Mean deliveries until a message is acknowledged or given up. */
function meanDeliveries(failureRate: number, maxAttempts: number): number {
  return failureRate >= 1
    ? maxAttempts
    : (1 - Math.pow(failureRate, maxAttempts)) / (1 - failureRate);
}

/** The service that works a queue off; empty: none. */
export function consumerOf(flow: Flow, queueId: string): string {
  const found = Object.entries(flow.nodes).find(
    ([, node]) => node.kind === 'service' && node.consumes === queueId,
  );
  return found?.[0] ?? '';
}
