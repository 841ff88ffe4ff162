/**
 * One or two sentences on a lane, in plain words, computed from causes in the running state. The
 * causes are tried in the order of what matters most to the users.
 */
import { formatCount } from '../scenarios/format.ts';
import { RATE_WINDOW_S } from '../sim/metrics/readouts.ts';
import { CellState } from '../sim/view.ts';
import { laneFacts, type DebtFacts, type LaneFacts, type NarratorInput } from './laneFacts.ts';
import {
  MAX_CHARACTERS,
  writeSentence,
  type Sentence,
  type SentenceGlyph,
  type SentenceLength,
} from './sentence.ts';
import { sayCount, sayDuration, sayRate, sayShare, sayWhole } from './words.ts';

/** Clauses of a sentence in order; the first is always said, the others where there is room. */
interface Telling {
  readonly cause: string;
  readonly full: readonly (string | null)[];
  readonly short: readonly (string | null)[];
  readonly tiny: string;
}

type Teller = (facts: LaneFacts, input: NarratorInput) => Telling | null;

/** Outcomes slower than this are over, per second: the rates cover the last 5 s. */
const NOTABLE_PER_S = 0.15;
/** Fewer ready messages than this are no debt. */
const DEBT_MESSAGES = 5;
/** A callee that holds this share of the parked threads is the one to name. */
const MAIN_SHARE = 0.75;
/** Requests waiting, as a share of the threads, that make a full front worth telling at once. */
const FULL_QUEUE_SHARE = 0.5;
/** A dead letter is news for this long. */
const NEWS_S = 10;

function parkedGlyph(longestS: number): SentenceGlyph {
  return longestS < 0.7 ? 'parked-1' : longestS < 2.5 ? 'parked-2' : 'parked-3';
}

const isDebt = (debt: DebtFacts): boolean => debt.broker.ready >= DEBT_MESSAGES;

/** When a message published now takes effect: the median of what arrived cannot tell. */
function sayArrival(facts: LaneFacts): string | null {
  const debt = facts.debts.filter(isDebt).sort((a, b) => b.arrivesS - a.arrivesS)[0];
  if (!debt) return null;
  const article = /^[aeiou]/.test(debt.noun) ? 'An' : 'A';
  return `${article} ${debt.noun} now takes ${sayDuration(debt.arrivesS)}.`;
}

/** What happens to those who do not get a thread. */
function sayVictims(input: NarratorInput, facts: LaneFacts): readonly (string | null)[] {
  const { rejectedPerS, timedOutPerS, offeredPerS, acceptQueueWaitS } = input.readouts;
  const { queueLength, queueLimit } = facts.front;
  // What else must be said comes before how long those waited who got in.
  const also = [sayArrival(facts), sayRestOfSurge(input)].filter((clause) => clause !== null);
  const waited =
    acceptQueueWaitS !== null && acceptQueueWaitS >= 0.05
      ? `Who gets in waited ${sayDuration(acceptQueueWaitS)}.`
      : null;
  const timedOut =
    timedOutPerS > NOTABLE_PER_S
      ? `{timedOut} ${capitalise(sayShare(timedOutPerS, offeredPerS))} time out.`
      : null;
  if (rejectedPerS > NOTABLE_PER_S) {
    const rejected = `{rejected} ${capitalise(sayShare(rejectedPerS, offeredPerS))} are rejected.`;
    return [rejected, ...also, waited, timedOut];
  }
  if (timedOut) return [timedOut, ...also, waited];
  if (queueLength === 0) return also;
  const places = Number.isFinite(queueLimit)
    ? `{queued} ${formatCount(queueLength)} of ${sayCount(queueLimit, 'place')} in the accept queue ${queueLength === 1 ? 'is' : 'are'} taken.`
    : `{queued} ${sayCount(queueLength, 'request')} ${queueLength === 1 ? 'waits' : 'wait'} in the accept queue.`;
  return [places, ...also, waited];
}

/** How long the spike goes on; null without one. */
function restOfSurge({ view }: NarratorInput): string | null {
  const clients = view.nodes.find((node) => node.kind === 'clients');
  return clients && clients.surgeUntilS > view.timeS
    ? sayWhole(clients.surgeUntilS - view.timeS)
    : null;
}

function sayRestOfSurge(input: NarratorInput): string | null {
  const rest = restOfSurge(input);
  return rest === null ? null : `The spike: ${rest} more.`;
}

function capitalise(clause: string): string {
  return clause.replace(
    /^(\{[\w-]+\} )?([a-z])/,
    (_, glyph: string | undefined, letter: string) => `${glyph ?? ''}${letter.toUpperCase()}`,
  );
}

/** Every thread of the front is taken. */
const tellFull: Teller = (facts, input) => {
  const { front, frontLabel, taken, parkedMost, parkedSecond } = facts;
  if (taken < front.capacity) return null;
  // A moment without a free thread is nothing to speak of.
  const { rejectedPerS, timedOutPerS } = input.readouts;
  const hurts =
    rejectedPerS + timedOutPerS > NOTABLE_PER_S ||
    (front.queueLength > 0 &&
      (facts.allParkedS >= 1 || front.queueLength >= FULL_QUEUE_SHARE * front.capacity));
  if (!hurts) return null;
  const capacity = formatCount(front.capacity);
  const all = `All ${capacity} ${frontLabel} threads are`;
  const victims = sayVictims(input, facts);
  if (parkedMost === null || front.parkedCount < front.capacity / 2) {
    return {
      cause: 'frontBusy',
      full: [
        `**${all} taken,** ${formatCount(front.runningCount)} of them {running} at work in ${frontLabel} itself.`,
        ...victims,
      ],
      short: [`**${all} taken,** mostly by its own work.`, ...victims],
      tiny: `**All ${capacity} threads taken**`,
    };
  }
  const glyph = `{${parkedGlyph(facts.parkedLongestS)}}`;
  // With a debt or a spike to tell of there is no room for it.
  const isMoreToSay = sayArrival(facts) !== null || restOfSurge(input) !== null;
  const since = facts.allParkedS >= 2 && !isMoreToSay ? `, for ${sayWhole(facts.allParkedS)}` : '';
  if (parkedSecond !== null && parkedMost.count < MAIN_SHARE * front.parkedCount) {
    // In the order of the program, so that the sentence does not turn round with every request.
    const [one, other] =
      parkedMost.index < parkedSecond.index
        ? [parkedMost, parkedSecond]
        : [parkedSecond, parkedMost];
    return {
      cause: 'frontFull',
      full: [
        `**${all} taken,** ${glyph} ${formatCount(one.count)} on ${one.label}, ${formatCount(other.count)} on ${other.label}${since}.`,
        ...victims,
      ],
      short: [`**${all} taken,** on ${one.label} and ${other.label}.`, ...victims],
      tiny: `**All ${capacity} threads taken**`,
    };
  }
  const on = parkedMost.label;
  const every = front.parkedCount >= front.capacity;
  const onMost =
    parkedMost.count === front.parkedCount
      ? `all on ${on}`
      : `${formatCount(parkedMost.count)} on ${on}`;
  const state = every
    ? `**${all} ${glyph} parked, ${onMost}**${since}.`
    : `**${all} taken, ${glyph} ${formatCount(parkedMost.count)} parked on ${on}**${since}.`;
  const target = input.view.nodes.find((node) => node.id === parkedMost.id);
  const cause =
    target?.kind === 'pool' && target.runningCount >= target.capacity
      ? `All ${formatCount(target.capacity)} ${on} threads are busy.`
      : null;
  return {
    cause: `parkedOn.${parkedMost.id}`,
    full: [state, ...victims, cause],
    short: [
      every
        ? `**${all} parked, ${onMost}.**`
        : `**${all} taken, ${formatCount(parkedMost.count)} on ${on}.**`,
      ...victims,
    ],
    tiny: `**All ${capacity} threads taken,** ${formatCount(parkedMost.count)} on ${on}`,
  };
};

/** The queue is full: messages are lost or refused. */
const tellOverflow: Teller = (facts) => {
  const debt = facts.debts.find(
    ({ broker, lostPerS }) =>
      broker.ready >= 0.98 * broker.limit && (lostPerS > 0 || broker.dropped + broker.refused > 0),
  );
  if (!debt || debt.growthPerS < -1) return null;
  const { broker, noun, lostPerS, rejectsPublish, arrivesS } = debt;
  const rate = sayRate(lostPerS);
  return {
    cause: `overflow.${debt.queueId}`,
    full: rejectsPublish
      ? [
          `**The {message} queue is full** and refuses ${rate} a second: ${sayCount(broker.refused, 'user')} read “confirmed, ${noun} failed”.`,
          sayArrival(facts),
        ]
      : [
          `**The queue is full at {message} ${sayCount(broker.limit, 'message')}:** ${rate} ${noun}s a second are lost, ${formatCount(broker.dropped)} so far.`,
          `One ordered now takes ${sayDuration(arrivesS)}, if it comes.`,
        ],
    short: [
      `**The queue is full:** ${rate} ${noun}s a second are ${rejectsPublish ? `refused, ${formatCount(broker.refused)}` : `lost, ${formatCount(broker.dropped)}`} so far.`,
    ],
    tiny: `**Queue full:** ${rate} ${noun}s/s ${rejectsPublish ? 'refused' : 'lost'}`,
  };
};

/** Messages pile up, or are worked off. */
const tellDebt: Teller = (facts, { readouts }) => {
  const debt = facts.debts.filter(isDebt).sort((a, b) => b.broker.ready - a.broker.ready)[0];
  if (!debt) return null;
  const { broker, noun, workerLabel, growthPerS, overflowS, emptyS, arrivesS } = debt;
  const messages = `{message} **${sayCount(broker.ready, 'message')}**`;
  const article = /^[aeiou]/.test(noun) ? 'an' : 'a';
  const now = `${article} ${noun} ordered now takes ${sayDuration(arrivesS)}`;
  const p50S = readouts.response.p50S;
  if (emptyS !== null) {
    return {
      cause: `draining.${debt.queueId}`,
      full: [
        `The debt shrinks by ${sayRate(-growthPerS)} messages a second: ${messages} are left and gone in **${sayWhole(emptyS)}**.`,
        `${capitalise(now)}.`,
      ],
      short: [
        `The debt shrinks: **${sayCount(broker.ready, 'message')}**, gone in ${sayWhole(emptyS)}.`,
      ],
      tiny: `**${sayCount(broker.ready, 'message')},** gone in ${sayWhole(emptyS)}`,
    };
  }
  if (overflowS === null && growthPerS < 0.3) {
    return {
      cause: `debt.${debt.queueId}`,
      full: [
        `${messages} wait in the queue for the ${workerLabel} workers.`,
        `${capitalise(now)}.`,
      ],
      short: [`**${sayCount(broker.ready, 'message')}** wait for the ${workerLabel} workers.`],
      tiny: `**${sayCount(broker.ready, 'message')}** wait`,
    };
  }
  // The same sum as the readout's: queued, in work and backing off.
  const owed = broker.ready + broker.inFlight + broker.backingOff;
  const answers = p50S === null ? 'Users do not wait' : `Answers take ${sayDuration(p50S)}`;
  const debtWords = `${answers}, but {message} **${sayCount(owed, noun)}** ${owed === 1 ? 'is' : 'are'} owed`;
  const overflow = overflowS === null ? null : `overflow in ${sayWhole(overflowS)}`;
  const more = `${sayRate(growthPerS)} more a second`;
  return {
    cause: `debtGrows.${debt.queueId}`,
    full: [
      `${debtWords}, ${more}: one ordered now takes ${sayDuration(arrivesS)}${overflow === null ? '.' : `; **${overflow}.**`}`,
    ],
    short: [`${debtWords}${overflow === null ? `, ${more}.` : `; ${overflow}.`}`],
    tiny: `**${sayCount(owed, noun)} owed,** ${overflow ?? `+${sayRate(growthPerS)}/s`}`,
  };
};

/** A service behind the front has no free thread and calls queue there. */
const tellCalleeBusy: Teller = (facts, input) => {
  for (const { serviceId, queued } of facts.downstream) {
    const node = input.view.nodes.find((candidate) => candidate.id === serviceId);
    if (queued || node?.kind !== 'pool') continue;
    if (node.runningCount < node.capacity || node.queueLength < 2) continue;
    const label = input.scenario.lanes[input.lane].nodes[serviceId]?.label ?? serviceId;
    const busy = `All ${formatCount(node.capacity)} ${label} threads are {running} busy`;
    const { front, frontLabel } = facts;
    return {
      cause: `busy.${serviceId}`,
      full: [
        `**${busy}** and ${sayCount(node.queueLength, 'call')} wait for one, so {${parkedGlyph(facts.parkedLongestS)}} ${formatCount(front.parkedCount)} of ${formatCount(front.capacity)} ${frontLabel} threads are parked.`,
        ...sayVictims(input, facts),
      ],
      short: [
        `**${busy},** ${sayCount(node.queueLength, 'call')} wait.`,
        ...sayVictims(input, facts),
      ],
      tiny: `**All ${formatCount(node.capacity)} ${label} threads busy**`,
    };
  }
  return null;
};

/** A worker or thread was killed. */
const tellDown: Teller = (facts, input) => {
  for (const { serviceId, queued } of facts.downstream) {
    const node = input.view.nodes.find((candidate) => candidate.id === serviceId);
    if (node?.kind !== 'pool' || node.downCount === 0) continue;
    const label = input.scenario.lanes[input.lane].nodes[serviceId]?.label ?? serviceId;
    let backS = 0;
    for (let cell = 0; cell < node.cellCount; cell++) {
      if (node.state[cell] === CellState.Down) backS = Math.max(backS, node.untilS[cell] ?? 0);
    }
    const what = queued ? 'worker' : 'thread';
    const verb = node.downCount === 1 ? 'is' : 'are';
    const down = `{down} **${formatCount(node.downCount)} of ${formatCount(node.capacity)} ${label} ${what}s ${verb} down,** back in ${sayWhole(Math.max(0, backS - input.view.timeS))}.`;
    return {
      cause: `down.${serviceId}`,
      full: [
        down,
        queued
          ? 'A message it had in work is delivered again; no user notices.'
          : 'A call it had in work failed: that user got an error.',
        sayArrival(facts),
      ],
      short: [down.replace('{down} ', '')],
      tiny: `**${formatCount(node.downCount)} ${label} ${what} down**`,
    };
  }
  return null;
};

/** Messages that failed wait for their next attempt, or were given up. */
const tellRetries: Teller = (facts, { view }) => {
  for (const { broker, workers, workerLabel, queueId } of facts.debts) {
    const dead = broker.deadLettered;
    const fresh = dead > 0 && view.timeS - (broker.deadS[0] ?? -Infinity) < NEWS_S;
    if (broker.backingOff === 0 && !fresh) continue;
    const deadWords =
      dead === 0 ? null : `{deadLetter} ${sayCount(dead, 'message')} dead-lettered so far.`;
    const percent = Number((workers.failureRate * 100).toFixed(1));
    const failing = percent > 0 ? `**${percent} % of attempts at ${workerLabel} fail.**` : null;
    if (broker.backingOff === 0) {
      return {
        cause: `deadLetters.${queueId}`,
        full: [
          `{deadLetter} **A message was dead-lettered** after ${formatCount(broker.maxAttempts)} attempts; ${formatCount(dead)} so far. The others go on.`,
          sayArrival(facts),
        ],
        short: [`**${sayCount(dead, 'message')} dead-lettered** so far.`],
        tiny: `**${sayCount(dead, 'message')}** dead-lettered`,
      };
    }
    const waiting = `{backingOff} ${sayCount(broker.backingOff, 'message')} ${broker.backingOff === 1 ? 'backs' : 'back'} off before the next attempt${failing ? '' : `, of ${formatCount(broker.maxAttempts)} at most`}.`;
    return {
      cause: `retries.${queueId}`,
      full: [
        failing ? `${failing} ${waiting}` : waiting,
        deadWords,
        sayArrival(facts),
        'Users notice nothing.',
      ],
      short: [failing, waiting.replace('{backingOff} ', '')],
      tiny: `**${sayCount(broker.backingOff, 'message')}** backing off`,
    };
  }
  return null;
};

/** The spike is on, and it does not hurt (yet). */
const tellSurge: Teller = (facts, input) => {
  const clients = input.view.nodes.find((node) => node.kind === 'clients');
  const rest = restOfSurge(input);
  if (!clients || rest === null) return null;
  const { front, frontLabel, taken } = facts;
  return {
    cause: 'surge',
    full: [
      `**The spike brings ${formatCount(clients.ratePerS)} req/s** for another ${rest}. ${formatCount(taken)} of ${formatCount(front.capacity)} ${frontLabel} threads are taken.`,
      sayArrival(facts),
    ],
    short: [`**Spike: ${formatCount(clients.ratePerS)} req/s** for another ${rest}.`],
    tiny: `**Spike:** ${rest} more`,
  };
};

/** Users are rejected or time out although threads are free at this instant. */
const tellVictims: Teller = (facts, input) => {
  const { rejectedPerS, timedOutPerS, offeredPerS, wastedShare } = input.readouts;
  const { front, frontLabel, taken } = facts;
  const threads = `${formatCount(taken)} of ${formatCount(front.capacity)} ${frontLabel} threads are taken.`;
  if (rejectedPerS > NOTABLE_PER_S) {
    const share = sayShare(rejectedPerS, offeredPerS);
    return {
      cause: 'rejected',
      full: [
        `{rejected} **${capitalise(share)} were rejected** in the last ${RATE_WINDOW_S} s. Now ${threads}`,
        sayRestOfSurge(input),
        sayArrival(facts),
      ],
      short: [`**${capitalise(share)} were rejected.**`],
      tiny: `**${sayRate(rejectedPerS)} users/s rejected**`,
    };
  }
  if (timedOutPerS > NOTABLE_PER_S) {
    const share = sayShare(timedOutPerS, offeredPerS);
    const wasted =
      wastedShare >= 0.01
        ? `${Math.round(wastedShare * 100)} % of the work is for users who have gone.`
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
const tellFailures: Teller = (facts, { view, readouts, scenario, lane }) => {
  if (readouts.failedPerS <= NOTABLE_PER_S) return null;
  const share = sayShare(readouts.failedPerS, readouts.offeredPerS);
  const { chargedButFailed } = readouts.totals;
  const failing = facts.downstream.find(({ serviceId, queued }) => {
    const node = view.nodes.find((candidate) => candidate.id === serviceId);
    const spec = scenario.lanes[lane].nodes[serviceId];
    // A card that is declined is an answer, no error.
    const isDeclining = spec?.kind === 'service' && spec.failureKind === 'decline';
    return !queued && !isDeclining && node?.kind === 'pool' && node.failureRate > 0;
  });
  const label = failing && scenario.lanes[lane].nodes[failing.serviceId]?.label;
  const error = `**${capitalise(share)} get an error**${label === undefined ? '' : ` because ${label} fails`}.`;
  return {
    cause: 'failed',
    full: [
      `{failed} ${error}`,
      chargedButFailed > 0
        ? `Their cards were charged all the same: ${formatCount(chargedButFailed)} so far.`
        : null,
      sayArrival(facts),
    ],
    short: [error],
    tiny: `**${sayRate(readouts.failedPerS)} users/s failed**`,
  };
};

/** The payment is queued: who reads "confirmed" may yet be declined. */
const tellQueuedPayment: Teller = (facts, input) => {
  const queued = facts.downstream.find(({ serviceId, queued: isQueued }) => {
    const spec = input.scenario.lanes[input.lane].nodes[serviceId];
    return isQueued && spec?.kind === 'service' && spec.failureKind === 'decline';
  });
  if (!queued) return null;
  const pool = input.view.nodes.find((node) => node.id === queued.serviceId);
  const declines = pool?.kind === 'pool' ? pool.failureRate : 0;
  const { confirmedThenDeclined } = input.readouts.totals;
  const count = formatCount(confirmedThenDeclined);
  if (declines === 0 && confirmedThenDeclined === 0) {
    return {
      cause: 'unchecked',
      full: [
        'Users read “confirmed” before their card is charged; if it is then {declined} declined, they count here. [Decline 5 %]',
      ],
      short: ['Users read “confirmed” before their card is charged.'],
      tiny: 'Confirmed, not yet charged',
    };
  }
  const percent = `${Number((declines * 100).toFixed(1))} % of cards are declined`;
  return {
    cause: 'confirmedThenDeclined',
    full: [
      confirmedThenDeclined === 0
        ? `Users read “confirmed” before their card is charged. {declined} ${percent}: it will hit some of these users.`
        : `{declined} **${count} ${confirmedThenDeclined === 1 ? 'user' : 'users'} read “confirmed”, and then the card was declined.** ${declines === 0 ? 'Nobody has told them.' : `${percent}; nobody tells these users.`}`,
      sayArrival(facts),
    ],
    short: [`**${count}** read “confirmed”, but the card was declined.`],
    tiny: `**${count} users** confirmed, then declined`,
  };
};

/** Cards are declined while the user waits: an answer like any other. */
const tellDeclines: Teller = (facts, { readouts }) => {
  if (readouts.declinedPerS <= NOTABLE_PER_S) return null;
  const share = sayShare(readouts.declinedPerS, readouts.offeredPerS);
  return {
    cause: 'declined',
    full: [
      `{declined} **${capitalise(share)} are declined** and told so at once; no email is sent to them.`,
      sayArrival(facts),
    ],
    short: [`**${capitalise(share)} are declined,** at once.`],
    tiny: `**${sayRate(readouts.declinedPerS)} users/s declined**`,
  };
};

/** Nothing is the matter. */
const tellHealth: Teller = (facts, input) => {
  const { front, frontLabel, taken, holdS, holdParkedS } = facts;
  const hold = `**${sayDuration(holdS)}**`;
  const queues =
    front.queueLength > 0
      ? `{queued} ${sayCount(front.queueLength, 'request')} in the accept queue`
      : 'so nobody queues';
  const threads = `${formatCount(taken)} of ${formatCount(front.capacity)} are taken, ${queues}.`;
  const short = `${sayDuration(holdS)} a request; ${formatCount(taken)} of ${formatCount(front.capacity)} ${frontLabel} threads are taken.`;
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
    return {
      cause: 'healthyQueue',
      full: [
        `The thread leaves a {message} message and answers after ${hold}; a worker takes it at once, so the ${noun} is out after ${sayDuration(laterS)}.`,
      ],
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

const TELLERS: readonly Teller[] = [
  tellFull,
  tellOverflow,
  tellDebt,
  tellCalleeBusy,
  tellDown,
  tellFailures,
  tellVictims,
  tellRetries,
  tellSurge,
  tellQueuedPayment,
  tellDeclines,
  tellHealth,
];

/** What there is to say about a lane at a moment. */
export function narrate(input: NarratorInput, length: SentenceLength = 'full'): Sentence {
  const facts = laneFacts(input);
  for (const tell of TELLERS) {
    const telling = tell(facts, input);
    if (telling) {
      const clauses = length === 'tiny' ? [telling.tiny] : telling[length];
      return writeSentence(telling.cause, clauses, MAX_CHARACTERS[length]);
    }
  }
  throw new Error('Health always has something to say');
}
