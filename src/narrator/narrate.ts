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
import {
  sayAll,
  sayCount,
  sayDuration,
  sayIn,
  sayPercent,
  sayRate,
  sayShare,
  sayTaken,
  sayWhole,
} from './words.ts';

/** Clauses of a sentence in order; the first is always said, the others where there is room. */
interface Telling {
  readonly cause: string;
  readonly full: readonly (string | null)[];
  readonly short: readonly (string | null)[];
  readonly tiny: string;
  /** When what it predicts is past, model seconds; absent: it predicts nothing. */
  readonly untilS?: number | undefined;
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
/** With this share of messages given up, it is not sure that one arrives. */
const UNSURE_SHARE = 0.01;
/** From this share of failing attempts on they come before the messages that pile up. */
const FAILING_SHARE = 0.5;
/** From this share on, workers that are down are the cause to name. */
const MANY_DOWN_SHARE = 1 / 3;
/** A dead letter is news for this long. */
const NEWS_S = 10;

function parkedGlyph(longestS: number): SentenceGlyph {
  return longestS < 0.7 ? 'parked-1' : longestS < 2.5 ? 'parked-2' : 'parked-3';
}

const isDebt = (debt: DebtFacts): boolean => debt.broker.ready >= DEBT_MESSAGES;

/** When a message published now takes effect: the median of what arrived cannot tell. */
function sayArrival(facts: LaneFacts): string | null {
  const late = (debt: DebtFacts) => debt.arrivesS ?? Infinity;
  const debt = facts.debts.filter(isDebt).sort((a, b) => late(b) - late(a))[0];
  if (!debt) return null;
  const takes = sayTakes(debt);
  return takes === null
    ? `No ${debt.noun} is delivered.`
    : `${capitalise(articleOf(debt.noun))} ${debt.noun} now takes ${takes}.`;
}

const articleOf = (noun: string): string => (/^[aeiou]/.test(noun) ? 'an' : 'a');

/** How long a message published now takes, as far as it is sure to arrive at all; null: it never does. */
function sayTakes({ arrivesS, retryShare, broker, lostPerS, rejectsPublish }: DebtFacts) {
  if (arrivesS === null) return null;
  const isUnsure =
    Math.pow(retryShare, broker.maxAttempts) >= UNSURE_SHARE || (lostPerS > 0 && !rejectsPublish);
  return `${sayDuration(arrivesS)}${isUnsure ? ', if it comes' : ''}`;
}

/** What happens to those who do not get a thread. */
function sayVictims(input: NarratorInput, facts: LaneFacts): readonly (string | null)[] {
  const { rejectedPerS, timedOutPerS, offeredPerS, acceptQueueWaitS } = input.readouts;
  const { queueLength, queueLimit } = facts.front;
  // What else must be said comes before how long those waited who got in.
  const also = [sayArrival(facts), sayRestOfSurge(input)].filter((clause) => clause !== null);
  const waited =
    acceptQueueWaitS !== null && acceptQueueWaitS >= 0.05
      ? `Those let in waited ${sayDuration(acceptQueueWaitS)}.`
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

/** When the spike ends, model seconds; undefined without one. */
function surgeEndS({ view }: NarratorInput): number | undefined {
  const clients = view.nodes.find((node) => node.kind === 'clients');
  return clients && clients.surgeUntilS > view.timeS ? clients.surgeUntilS : undefined;
}

function sayRestOfSurge(input: NarratorInput): string | null {
  const endS = surgeEndS(input);
  return endS === undefined
    ? null
    : `The spike ends ${sayIn(endS - input.view.timeS, input.renewS)}.`;
}

/** A prediction that many seconds ahead holds until then, and at least until it is renewed. */
function untilIn(seconds: number, { view, renewS }: NarratorInput): number {
  return view.timeS + Math.max(seconds, renewS);
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
  const all = sayAll(front.capacity, `${frontLabel} thread`);
  const tiny =
    front.capacity === 1 ? '**The only thread is taken**' : `**All ${capacity} threads taken**`;
  const untilS = surgeEndS(input);
  const victims = sayVictims(input, facts);
  if (parkedMost === null || front.parkedCount < front.capacity / 2) {
    return {
      cause: 'frontBusy',
      full: [
        front.capacity === 1
          ? `**${all} taken,** {running} at work in ${frontLabel} itself.`
          : `**${all} taken,** ${formatCount(front.runningCount)} of them {running} at work in ${frontLabel} itself.`,
        ...victims,
      ],
      short: [`**${all} taken,** mostly by its own work.`, ...victims],
      tiny,
      untilS,
    };
  }
  const glyph = `{${parkedGlyph(facts.parkedLongestS)}}`;
  // With a debt or a spike to tell of there is no room for it.
  const isMoreToSay = sayArrival(facts) !== null || untilS !== undefined;
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
      tiny,
      untilS,
    };
  }
  const on = parkedMost.label;
  const every = front.parkedCount >= front.capacity;
  const onMost =
    parkedMost.count === front.parkedCount
      ? `all on ${on}`
      : `${formatCount(parkedMost.count)} on ${on}`;
  const state =
    front.capacity === 1
      ? `**${all} ${glyph} parked on ${on}**${since}.`
      : every
        ? `**${all} ${glyph} parked, ${onMost}**${since}.`
        : `**${all} taken, ${glyph} ${formatCount(parkedMost.count)} ${isMoreToSay ? '' : 'parked '}on ${on}**${since}.`;
  const target = input.view.nodes.find((node) => node.id === parkedMost.id);
  const cause =
    target?.kind === 'pool' && target.runningCount >= target.capacity
      ? `${sayAll(target.capacity, `${on} thread`)} busy.`
      : null;
  return {
    cause: `parkedOn.${parkedMost.id}`,
    full: [state, ...victims, cause],
    short: [
      front.capacity === 1
        ? `**${all} parked on ${on}.**`
        : every
          ? `**${all} parked, ${onMost}.**`
          : `**${all} taken, ${formatCount(parkedMost.count)} on ${on}.**`,
      ...victims,
    ],
    tiny:
      front.capacity === 1
        ? tiny
        : `${tiny.slice(0, -2)},** ${formatCount(parkedMost.count)} on ${on}`,
    untilS,
  };
};

const isOverflowing = ({ broker, lostPerS, growthPerS }: DebtFacts): boolean =>
  broker.ready >= 0.98 * broker.limit && lostPerS > 0 && growthPerS >= -1;

/** The queue that most messages wait in, of those that are `wanted`. */
function deepest(
  { debts }: LaneFacts,
  wanted: (debt: DebtFacts) => boolean = () => true,
): DebtFacts | undefined {
  return debts
    .filter((debt) => isDebt(debt) && wanted(debt))
    .sort((a, b) => b.broker.ready - a.broker.ready)[0];
}

/** `in 27 s`, or near to what the workers can do `in about 50 s`. */
function sayWhen({ isRough }: DebtFacts, seconds: number, { renewS }: NarratorInput): string {
  return sayIn(seconds, renewS).replace(/^in /, isRough ? 'in about ' : 'in ');
}

/** When a message published to a queue now takes effect; null: it does not. */
function sayOrderedNow(debt: DebtFacts): string | null {
  const takes = sayTakes(debt);
  return takes === null
    ? null
    : `${capitalise(articleOf(debt.noun))} ${debt.noun} ordered now takes ${takes}.`;
}

/** The queue is full: messages are lost or refused. */
const tellOverflow: Teller = (facts) => {
  const debt = facts.debts.find(isOverflowing);
  if (!debt) return null;
  const { broker, noun, lostPerS, rejectsPublish } = debt;
  const rate = sayRate(lostPerS);
  const takes = sayTakes(debt);
  return {
    cause: `overflow.${debt.queueId}`,
    full: rejectsPublish
      ? [
          `**The {message} queue is full** and refuses ${rate} a second: ${sayCount(broker.refused, 'user')} read “confirmed, ${noun} failed”.`,
          sayArrival(facts),
        ]
      : [
          `**The queue is full at {message} ${sayCount(broker.limit, 'message')}:** ${rate} ${noun}s a second are lost, ${formatCount(broker.dropped)} so far.`,
          takes === null ? `No ${noun} is delivered.` : `One ordered now takes ${takes}.`,
        ],
    short: [
      `**The queue is full:** ${rate} ${noun}s a second are ${rejectsPublish ? `refused, ${formatCount(broker.refused)}` : `lost, ${formatCount(broker.dropped)}`} so far.`,
    ],
    tiny: `**Queue full:** ${rate} ${noun}s/s ${rejectsPublish ? 'refused' : 'lost'}`,
  };
};

/** Messages pile up, or are worked off: more than chance. */
const tellDebt: Teller = (facts, input) => {
  const debt = deepest(facts, (one) => (one.isGrowing ? !isOverflowing(one) : one.emptyS !== null));
  if (!debt) return null;
  const { broker, noun, growthPerS, overflowS, emptyS } = debt;
  const messages = `{message} **${sayCount(broker.ready, 'message')}**`;
  const takes = sayTakes(debt);
  const p50S = input.readouts.response.p50S;
  if (emptyS !== null) {
    const gone = sayWhen(debt, emptyS, input);
    return {
      cause: `draining.${debt.queueId}`,
      full: [
        `The queue shrinks by ${sayRate(-growthPerS)} messages a second: ${messages} left, gone **${gone}.**`,
        sayOrderedNow(debt),
      ],
      short: [`The queue shrinks: **${sayCount(broker.ready, 'message')}** left, gone ${gone}.`],
      tiny: `**${sayCount(broker.ready, 'message')},** gone ${gone}`,
      untilS: untilIn(emptyS, input),
    };
  }
  // The same sum as the readout's: queued, in work and backing off.
  const owed = broker.ready + broker.inFlight + broker.backingOff;
  const answers = p50S === null ? '' : `Answers take ${sayDuration(p50S)}, but `;
  const debtWords = `${answers}{message} **${sayCount(owed, noun)}** ${owed === 1 ? 'is' : 'are'} owed`;
  const overflow = overflowS === null ? null : `overflow ${sayWhen(debt, overflowS, input)}`;
  const more = `${sayRate(growthPerS)} more a second`;
  return {
    cause: `debtGrows.${debt.queueId}`,
    full: [
      `${debtWords}, ${more}${takes === null ? '' : `: one ordered now takes ${takes}`}${overflow === null ? '.' : `; **${overflow}.**`}`,
    ],
    short: [`${debtWords}${overflow === null ? `, ${more}.` : `; ${overflow}.`}`],
    tiny: `**${sayCount(owed, noun)} owed,** ${overflow ?? `+${sayRate(growthPerS)}/s`}`,
    ...(overflowS === null ? {} : { untilS: untilIn(overflowS, input) }),
  };
};

/** Some messages wait, about as many all the time. */
const tellWaiting: Teller = (facts) => {
  const debt = deepest(facts);
  if (!debt) return null;
  const { broker, workerLabel, queueId } = debt;
  const messages = `**${sayCount(broker.ready, 'message')}**`;
  return {
    cause: `debt.${queueId}`,
    full: [
      `{message} ${messages} wait in the queue for the ${workerLabel} workers.`,
      sayOrderedNow(debt),
    ],
    short: [`${messages} wait for the ${workerLabel} workers.`],
    tiny: `${messages} wait`,
  };
};

/** A service behind the front has no free thread and calls queue there. */
const tellCalleeBusy: Teller = (facts, input) => {
  for (const { serviceId, queued } of facts.downstream) {
    const node = input.view.nodes.find((candidate) => candidate.id === serviceId);
    if (queued || node?.kind !== 'pool') continue;
    if (node.runningCount < node.capacity || node.queueLength < 2) continue;
    const label = input.scenario.lanes[input.lane].nodes[serviceId]?.label ?? serviceId;
    const busy = `${sayAll(node.capacity, `${label} thread`)} {running} busy`;
    const { front, frontLabel } = facts;
    return {
      cause: `busy.${serviceId}`,
      full: [
        `**${busy}** and ${sayCount(node.queueLength, 'call')} wait for ${node.capacity === 1 ? 'it' : 'one'}; {${parkedGlyph(facts.parkedLongestS)}} ${formatCount(front.parkedCount)} of ${formatCount(front.capacity)} ${frontLabel} threads ${front.parkedCount === 1 ? 'is' : 'are'} parked.`,
        ...sayVictims(input, facts),
      ],
      short: [
        `**${busy},** ${sayCount(node.queueLength, 'call')} wait.`,
        ...sayVictims(input, facts),
      ],
      tiny: `**All ${formatCount(node.capacity)} ${label} ${node.capacity === 1 ? 'thread' : 'threads'} busy**`,
      untilS: surgeEndS(input),
    };
  }
  return null;
};

/** A worker or thread was killed. */
const tellDown: Teller = (facts, input) => tellDownFrom(facts, input, 0);

/** So many are down that it matters more than what follows from it. */
const tellManyDown: Teller = (facts, input) => tellDownFrom(facts, input, MANY_DOWN_SHARE);

/** @param share of the workers or threads that must be down at least, 0 to 1 */
function tellDownFrom(facts: LaneFacts, input: NarratorInput, share: number): Telling | null {
  for (const { serviceId, queued } of facts.downstream) {
    const node = input.view.nodes.find((candidate) => candidate.id === serviceId);
    if (node?.kind !== 'pool' || node.downCount === 0) continue;
    if (node.downCount < share * node.capacity) continue;
    const label = input.scenario.lanes[input.lane].nodes[serviceId]?.label ?? serviceId;
    let backS = 0;
    for (let cell = 0; cell < node.cellCount; cell++) {
      if (node.state[cell] === CellState.Down) backS = Math.max(backS, node.untilS[cell] ?? 0);
    }
    const what = queued ? 'worker' : 'thread';
    const isOne = node.downCount === 1;
    const who =
      node.downCount >= node.capacity
        ? sayAll(node.capacity, `${label} ${what}`)
        : `${formatCount(node.downCount)} of ${formatCount(node.capacity)} ${label} ${what}s ${isOne ? 'is' : 'are'}`;
    const back = `${isOne ? 'back' : 'all back'} ${sayIn(Math.max(0, backS - input.view.timeS), input.renewS)}`;
    const down = `{down} **${who} down,** ${back}.`;
    return {
      cause: `down.${serviceId}`,
      full: [
        down,
        ...(queued ? sayRedelivery(facts, serviceId, isOne) : sayErrors(facts, input, isOne)),
      ],
      short: [down.replace('{down} ', '')],
      tiny: `**${formatCount(node.downCount)} ${label} ${what}${isOne ? '' : 's'} down**`,
      untilS: untilIn(backS - input.view.timeS, input),
    };
  }
  return null;
}

/** What becomes of the messages that dead workers had. */
function sayRedelivery(
  facts: LaneFacts,
  serviceId: string,
  isOne: boolean,
): readonly (string | null)[] {
  if (isOne) {
    return ['The message in work is delivered again; no user notices.', sayArrival(facts)];
  }
  const debt = facts.debts.find((one) => one.workers.id === serviceId && isDebt(one));
  return [
    debt ? `{message} ${sayCount(debt.broker.ready, 'message')} wait.` : null,
    sayArrival(facts),
    'Messages in work are delivered again.',
  ];
}

/** What becomes of the calls that dead threads had. */
function sayErrors(
  facts: LaneFacts,
  input: NarratorInput,
  isOne: boolean,
): readonly (string | null)[] {
  return [
    isOne
      ? 'The call in work failed: that user got an error.'
      : 'The calls in work failed: errors for their users.',
    ...sayVictims(input, facts),
  ];
}

/** Attempts at messages fail by the service's failure rate. */
const tellFailing: Teller = ({ debts }) => {
  for (const debt of debts) {
    const { broker, workerLabel, queueId, retryShare, noun } = debt;
    if (retryShare === 0) continue;
    // A queue that fills up or is worked off matters more than a few attempts that fail.
    if (retryShare < FAILING_SHARE && (debt.isGrowing || debt.emptyS !== null)) continue;
    const failing =
      retryShare >= 1
        ? `**Every attempt at ${workerLabel} fails**`
        : `**${sayPercent(retryShare)} of attempts at ${workerLabel} fail**`;
    const backing =
      broker.backingOff === 0
        ? null
        : `{backingOff} ${sayCount(broker.backingOff, 'message')} ${broker.backingOff === 1 ? 'backs' : 'back'} off`;
    const dead =
      broker.deadLettered === 0
        ? null
        : `{deadLetter} ${formatCount(broker.deadLettered)} dead-lettered`;
    const counts = [backing, dead].filter((clause) => clause !== null).join(', ');
    const takes = sayTakes(debt);
    return {
      cause: `failing.${queueId}`,
      full: [
        `${failing}${counts === '' ? `; each message has ${formatCount(broker.maxAttempts)}` : `: ${counts}`}.`,
        retryShare >= 1
          ? `No ${noun} is delivered.`
          : isDebt(debt)
            ? `${capitalise(articleOf(noun))} ${noun} now takes ${takes}.`
            : null,
        dead === null || retryShare >= 1
          ? null
          : broker.deadLettered === 1
            ? `That ${noun} never comes.`
            : `Those ${noun}s never come.`,
        'Answers are not affected.',
      ],
      short: [`${failing}${counts === '' ? '' : `: ${counts}`}.`],
      tiny:
        retryShare >= 1
          ? `**Every ${noun} fails**`
          : `**${sayPercent(retryShare)}** of attempts fail`,
    };
  }
  return null;
};

/** A message that always fails, or a worker that died: without a failure rate, single messages wait or are given up. */
const tellRetries: Teller = (facts, { view }) => {
  for (const { broker, retryShare, queueId } of facts.debts) {
    if (retryShare > 0) continue;
    const dead = broker.deadLettered;
    const fresh = dead > 0 && view.timeS - (broker.deadS[0] ?? -Infinity) < NEWS_S;
    if (broker.backingOff > 0) {
      const one = broker.backingOff === 1;
      return {
        cause: `retries.${queueId}`,
        full: [
          `{backingOff} **${sayCount(broker.backingOff, 'message')} failed** and ${one ? 'backs' : 'back'} off before the next attempt, of ${formatCount(broker.maxAttempts)} at most.`,
          sayArrival(facts),
          'Answers are not affected.',
        ],
        short: [
          `**${sayCount(broker.backingOff, 'message')}** ${one ? 'backs' : 'back'} off before the next attempt.`,
        ],
        tiny: `**${sayCount(broker.backingOff, 'message')}** backing off`,
      };
    }
    if (fresh) {
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
  }
  return null;
};

/** The spike is on, and it does not hurt (yet). */
const tellSurge: Teller = (facts, input) => {
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
const tellVictims: Teller = (facts, input) => {
  const { rejectedPerS, timedOutPerS, offeredPerS, wastedShare } = input.readouts;
  const { front, frontLabel, taken } = facts;
  const threads = `${sayTaken(taken, front.capacity, `${frontLabel} threads`)}.`;
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
      untilS: surgeEndS(input),
    };
  }
  if (timedOutPerS > NOTABLE_PER_S) {
    const share = sayShare(timedOutPerS, offeredPerS);
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
const tellConfirmedThenDeclined: Teller = (facts, input) => {
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
const tellUnchecked: Teller = (facts, input) =>
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
const tellDeclines: Teller = (facts, { readouts, scenario, lane, view }) => {
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
const tellHealth: Teller = (facts, input) => {
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

const TELLERS: readonly Teller[] = [
  tellManyDown,
  tellFull,
  tellOverflow,
  tellFailing,
  tellDebt,
  tellConfirmedThenDeclined,
  tellWaiting,
  tellCalleeBusy,
  tellDown,
  tellFailures,
  tellVictims,
  tellRetries,
  tellSurge,
  tellUnchecked,
  tellDeclines,
  tellHealth,
];

/**
 * Everything that is true of a lane at a moment, the most important first: a sentence shown stays
 * true, though no longer the most important, as long as its cause is among them.
 */
export function narrateAll(
  input: NarratorInput,
  length: SentenceLength = 'full',
): readonly [Sentence, ...Sentence[]] {
  const facts = laneFacts(input);
  const sentences = TELLERS.flatMap((tell) => {
    const telling = tell(facts, input);
    if (!telling) return [];
    const clauses = length === 'tiny' ? [telling.tiny] : telling[length];
    return [writeSentence(telling.cause, clauses, MAX_CHARACTERS[length], telling.untilS)];
  });
  const [first, ...others] = sentences;
  if (!first) throw new Error('Health always has something to say');
  return [first, ...others];
}

/** What there is to say about a lane at a moment. */
export function narrate(input: NarratorInput, length: SentenceLength = 'full'): Sentence {
  return narrateAll(input, length)[0];
}
