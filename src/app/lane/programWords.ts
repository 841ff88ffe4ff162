/** What a lane is called. It follows the program it runs, not its place on the page. */
import type { LaneId } from '../../scenarios/scenario.ts';
import { programOf, type Program, type Values } from '../controls/ceilings.ts';

interface ProgramWords {
  readonly title: string;
  readonly subtitle: string;
  readonly short: string;
}

const WORDS: Readonly<Record<`${Program['payment']}/${Program['email']}`, ProgramWords>> = {
  'wait/wait': {
    title: 'Synchronous',
    subtitle: 'the thread waits for every step',
    short: 'sync',
  },
  'wait/queue': {
    title: 'Asynchronous',
    subtitle: 'the email is a message; someone else sends it',
    short: 'async',
  },
  'queue/wait': {
    title: 'Asynchronous payment',
    subtitle: 'confirmed before the card is charged',
    short: 'async payment',
  },
  'queue/queue': {
    title: 'Fully asynchronous',
    subtitle: 'payment and email are both messages',
    short: 'all async',
  },
};

export const programWords = (program: Program): ProgramWords =>
  WORDS[`${program.payment}/${program.email}`];

/** For marks and tables: `sync`, `async`, … */
export const programShortName = (program: Program) => programWords(program).short;

/** What the lanes are called where there is little room; by place when they run the same program. */
export function laneNames(values: Values): Readonly<Record<LaneId, string>> {
  const sync = programShortName(programOf(values, 'sync'));
  const async = programShortName(programOf(values, 'async'));
  return sync === async ? { sync: 'upper', async: 'lower' } : { sync, async };
}
