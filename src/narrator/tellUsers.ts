/** Users: more of them, rejected, timed out, failed, declined, or well served. */
import { formatCount } from '../scenarios/format.ts';
import { RATE_WINDOW_S } from '../sim/metrics/readouts.ts';
import type { LaneFacts } from './laneFacts.ts';
import type { NarratorInput } from './narratorInput.ts';
import {
  capitalise,
  sayArrival,
  sayRestOfSurge,
  surgeEndS,
  NOTABLE_PER_S,
  type Teller,
} from './telling.ts';
import { sayCount, sayDuration, sayIn, sayPercent, sayRate, sayShare, sayTaken } from './words.ts';

/** The spike is on, and it does not hurt (yet). */
export const tellSurge: Teller = (facts, input) => {
  const clients = input.view.nodes.find((node) => node.kind === 'clients');
  const untilS = surgeEndS(input);
  if (!clients || untilS === undefined) return null;
  const load = `${formatCount(clients.ratePerS)} req/s`;
  const ends = sayIn(untilS - input.view.timeS, input.renewS);
  const { front, frontLabel, taken } = facts;
  return {
    cause: 'surge',
    full: [
      `**The spike brings ${load}** and ends ${ends}. ${sayTaken(taken, front.capacity, `${frontLabel} threads`)}.`,
      sayArrival(facts),
    ],
    short: [`**Spike: ${load};** ends ${ends}.`],
    tiny: `**Spike** ends ${ends}`,
    untilS,
  };
};

/** Users are rejected or time out although threads are free at this instant. */
export const tellVictims: Teller = (facts, input) => {
  const { rejectedPerS, timedOutPerS, firstTriesPerS, wastedShare } = input.readouts;
  const { front, frontLabel, taken } = facts;
  const threads = `${sayTaken(taken, front.capacity, `${frontLabel} threads`)}.`;
  if (rejectedPerS > NOTABLE_PER_S) {
    const share = sayShare(rejectedPerS, firstTriesPerS);
    return {
      cause: 'rejected',
      full: [
        `{rejected} **${capitalise(share)} were rejected** in the last ${RATE_WINDOW_S} s. Now ${threads}`,
        sayRestOfSurge(input),
        sayArrival(facts),
      ],
      short: [`**${capitalise(share)} were rejected.**`],
      tiny: `**${sayRate(rejectedPerS)} users/s rejected**`,
      untilS: surgeEndS(input),
    };
  }
  if (timedOutPerS > NOTABLE_PER_S) {
    const share = sayShare(timedOutPerS, firstTriesPerS);
    const wasted =
      wastedShare >= 0.01
        ? `${Math.round(wastedShare * 100)} % of the requests run were for nobody.`
        : null;
    return {
      cause: 'timedOut',
      full: [
        `{timedOut} **${capitalise(share)} time out.** Now ${threads}`,
        wasted,
        sayArrival(facts),
      ],
      short: [`**${capitalise(share)} time out.**`],
      tiny: `**${sayRate(timedOutPerS)} users/s timed out**`,
    };
  }
  return null;
};

/** Users get errors. */
export const tellFailures: Teller = (facts, { view, readouts, scenario, lane }) => {
  if (readouts.failedPerS <= NOTABLE_PER_S) return null;
  const share = sayShare(readouts.failedPerS, readouts.firstTriesPerS);
  const { chargedButFailed } = readouts.totals;
  const failing = facts.downstream.find(({ serviceId, queued }) => {
    const node = view.nodes.find((candidate) => candidate.id === serviceId);
    const spec = scenario.lanes[lane].nodes[serviceId];
    // A card that is declined is an answer, no error.
    const isDeclining = spec?.kind === 'service' && spec.failureKind === 'decline';
    return !queued && !isDeclining && node?.kind === 'pool' && node.failureRate > 0;
  });
  const label = failing && scenario.lanes[lane].nodes[failing.serviceId]?.label;
  const pool = view.nodes.find((node) => node.id === failing?.serviceId);
  const failRate = pool?.kind === 'pool' ? pool.failureRate : 0;
  return {
    cause: 'failed',
    full: [
      label === undefined
        ? `{failed} **${capitalise(share)} get an error.**`
        : `**${failRate >= 1 ? `Every call to ${label} fails` : `${sayPercent(failRate)} of calls to ${label} fail`}:** {failed} ${share} get an error.`,
      chargedButFailed > 0
        ? `${sayCount(chargedButFailed, 'user')} charged, not confirmed, so far.`
        : null,
      sayArrival(facts),
    ],
    short: [
      `**${capitalise(share)} get an error**${label === undefined ? '' : ` because ${label} fails`}.`,
    ],
    tiny: `**${sayRate(readouts.failedPerS)} users/s failed**`,
  };
};

/** Share of cards that are declined after the user read "confirmed"; null where the payment is not queued. */
function queuedDeclines(facts: LaneFacts, { scenario, lane, view }: NarratorInput): number | null {
  const queued = facts.downstream.find(({ serviceId, queued: isQueued }) => {
    const spec = scenario.lanes[lane].nodes[serviceId];
    return isQueued && spec?.kind === 'service' && spec.failureKind === 'decline';
  });
  if (!queued) return null;
  const pool = view.nodes.find((node) => node.id === queued.serviceId);
  return pool?.kind === 'pool' ? pool.failureRate : 0;
}

/** The payment is queued, and cards are declined after the user read "confirmed". */
export const tellConfirmedThenDeclined: Teller = (facts, input) => {
  const declines = queuedDeclines(facts, input);
  const { confirmedThenDeclined } = input.readouts.totals;
  if (declines === null || (declines === 0 && confirmedThenDeclined === 0)) return null;
  const count = formatCount(confirmedThenDeclined);
  const percent = `${sayPercent(declines)} of cards are declined`;
  return {
    cause: 'confirmedThenDeclined',
    full: [
      confirmedThenDeclined === 0
        ? `Users read “confirmed” before their card is charged. {declined} ${percent}: it will hit some of these users.`
        : `{declined} **${sayCount(confirmedThenDeclined, 'user')} read “confirmed”, and then the card was declined.** ${declines === 0 ? 'Nobody has told them.' : `${percent}; nobody tells these users.`}`,
      sayArrival(facts),
    ],
    short: [`**${count}** read “confirmed”, but the card was declined.`],
    tiny: `**${sayCount(confirmedThenDeclined, 'user')}** confirmed, then declined`,
  };
};

/** The payment is queued, and no card has been declined so far. */
export const tellUnchecked: Teller = (facts, input) =>
  queuedDeclines(facts, input) === null
    ? null
    : {
        cause: 'unchecked',
        full: [
          'Users read “confirmed” before the card is charged; later {declined} declines count here. [Decline 5 % (illustrative)]',
        ],
        short: ['Users read “confirmed” before their card is charged.'],
        tiny: 'Confirmed, not yet charged',
      };

/** Cards are declined while the user waits: an answer like any other. */
export const tellDeclines: Teller = (facts, { readouts, scenario, lane, view }) => {
  if (readouts.declinedPerS <= NOTABLE_PER_S) return null;
  const declining = facts.downstream.find(({ serviceId, queued }) => {
    const spec = scenario.lanes[lane].nodes[serviceId];
    return !queued && spec?.kind === 'service' && spec.failureKind === 'decline';
  });
  const pool = view.nodes.find((node) => node.id === declining?.serviceId);
  // Of the cards, not of the last seconds' answers: these scatter.
  const declines = pool?.kind === 'pool' ? pool.failureRate : 0;
  if (declines === 0) return null;
  const share = `${sayPercent(declines)} of cards are declined`;
  const isEmailNext = facts.downstream.length > 1;
  return {
    cause: 'declined',
    full: [
      `{declined} **${declines >= 1 ? 'All cards are declined' : share}** and the user is told at once${isEmailNext ? '; no email is sent then' : ''}.`,
      sayArrival(facts),
    ],
    short: [`**${declines >= 1 ? 'All cards are declined' : share},** told at once.`],
    tiny: `**${sayRate(readouts.declinedPerS)} users/s declined**`,
  };
};

/** Nothing is the matter. */
export const tellHealth: Teller = (facts, input) => {
  const { front, frontLabel, taken, holdS, holdParkedS } = facts;
  const hold = `**${sayDuration(holdS)}**`;
  const queues =
    front.queueLength > 0
      ? `, {queued} ${sayCount(front.queueLength, 'request')} in the accept queue`
      : taken < front.capacity
        ? ', so nobody queues'
        : front.queueLimit > 0
          ? '; the next one queues'
          : '; the next is rejected';
  const threads = `${sayTaken(taken, front.capacity)}${queues}.`;
  const short = `${sayDuration(holdS)} a request; ${sayTaken(taken, front.capacity, `${frontLabel} threads`)}.`;
  const tiny = `${formatCount(taken)} of ${formatCount(front.capacity)} threads taken`;
  if (facts.sameProgram && input.lane === 'async') {
    return {
      cause: 'sameProgram',
      full: [`Both lanes run the same program for the same users: ${hold} a request. ${threads}`],
      short: ['Both lanes run the same program.'],
      tiny: 'The same program',
    };
  }
  const last = facts.downstream.at(-1);
  if (last?.queued) {
    const pool = input.view.nodes.find((node) => node.id === last.serviceId);
    const noun = (
      input.scenario.lanes[input.lane].nodes[last.serviceId]?.label ?? ''
    ).toLowerCase();
    const laterS = holdS + (pool?.kind === 'pool' ? pool.workMs / 1000 : 0);
    const isFree = pool?.kind === 'pool' && pool.runningCount + pool.downCount < pool.capacity;
    const later = isFree
      ? `a worker takes it at once, so the ${noun} is out after ${sayDuration(laterS)}`
      : `all workers are busy, so the ${noun} waits for one`;
    return {
      cause: 'healthyQueue',
      full: [`The thread leaves a {message} message and answers after ${hold}; ${later}.`],
      short: [`Answered after ${hold}; the ${noun} follows from the queue.`],
      tiny: `Answered after ${hold}`,
    };
  }
  const parked = holdParkedS > holdS / 2 ? ', most of it {parked-1} parked' : '';
  return {
    cause: 'healthyWait',
    full: [`One request keeps one ${frontLabel} thread for all ${hold}${parked}. ${threads}`],
    short: [short],
    tiny,
  };
};
