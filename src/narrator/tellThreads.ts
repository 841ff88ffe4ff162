/** Threads and workers: taken, parked, busy, down. */
import { formatCount } from '../scenarios/format.ts';
import { CellState } from '../sim/view.ts';
import type { LaneFacts } from './laneFacts.ts';
import type { NarratorInput } from './narratorInput.ts';
import {
  isDebt,
  parkedGlyph,
  sayArrival,
  sayVictims,
  surgeEndS,
  untilIn,
  NOTABLE_PER_S,
  type Teller,
  type Telling,
} from './telling.ts';
import { sayAll, sayCount, sayIn, sayWhole } from './words.ts';

/** A callee that holds this share of the parked threads is the one to name. */
const MAIN_SHARE = 0.75;
/** Requests waiting, as a share of the threads, that make a full front worth telling at once. */
const FULL_QUEUE_SHARE = 0.5;
/** From this share on, workers that are down are the cause to name. */
const MANY_DOWN_SHARE = 1 / 3;

/** Every thread of the front is taken. */
export const tellFull: Teller = (facts, input) => {
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

/** A service behind the front has no free thread and calls queue there. */
export const tellCalleeBusy: Teller = (facts, input) => {
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
export const tellDown: Teller = (facts, input) => tellDownFrom(facts, input, 0);

/** So many are down that it matters more than what follows from it. */
export const tellManyDown: Teller = (facts, input) => tellDownFrom(facts, input, MANY_DOWN_SHARE);

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
