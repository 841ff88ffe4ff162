/** Messages: piling up, worked off, lost, tried again, dead-lettered. */
import { formatCount } from '../scenarios/format.ts';
import type { DebtFacts } from './debtFacts.ts';
import type { LaneFacts } from './laneFacts.ts';
import type { NarratorInput } from './narratorInput.ts';
import {
  capitalise,
  articleOf,
  isDebt,
  sayArrival,
  sayTakes,
  untilIn,
  type Teller,
} from './telling.ts';
import { sayCount, sayDuration, sayIn, sayPercent, sayRate } from './words.ts';

/** From this share of failing attempts on they come before the messages that pile up. */
const FAILING_SHARE = 0.5;
/** A dead letter is news for this long. */
const NEWS_S = 10;

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
export const tellOverflow: Teller = (facts) => {
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
export const tellDebt: Teller = (facts, input) => {
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
export const tellWaiting: Teller = (facts) => {
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

/** Attempts at messages fail by the service's failure rate. */
export const tellFailing: Teller = ({ debts }) => {
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
export const tellRetries: Teller = (facts, { view }) => {
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
