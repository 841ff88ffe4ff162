/**
 * What is asked of a node, and what it has done of that, by kind. null where the question makes no sense:
 * nobody asks clients or a feed that pushes for anything, and whoever has nothing to finish completes nothing.
 */
import type { NodeSpec } from '../flow.ts';
import { Tally } from '../kernel/node.ts';
import { Count, type NodeStatistics } from './nodeStatistics.ts';

interface NodeLoad {
  /** What came: attempts, publishes, operations, transactions, POSTs or polls. */
  readonly offered: number | null;
  /** Handlers that ended; messages acknowledged. */
  readonly completed: number | null;
  /** Handlers that ended well while someone awaited the result; messages acknowledged. */
  readonly good: number | null;
  /** Turned away ÷ offered; null where nothing came, or where nothing can be turned away. */
  readonly shedRate: number | null;
}

export function loadOf(spec: NodeSpec, statistics: NodeStatistics): NodeLoad {
  const count = (...what: readonly number[]): number =>
    what.reduce((sum, each) => sum + statistics.count(each), 0);
  const asked = (offered: number | null): NodeLoad => ({ ...NO_LOAD, offered });
  switch (spec.kind) {
    case 'service':
    case 'workers': {
      const offered = count(Count.Started, Count.Rejected, Count.Withdrawn);
      return {
        offered,
        completed: count(Count.Ok, Count.Declined, Count.Failed),
        good: count(Count.Ok) - count(Count.WastedOk),
        shedRate: shedRateOf(count(Count.Rejected), offered),
      };
    }
    case 'queue':
    case 'leaseQueue':
    case 'log': {
      const acknowledged = count(Count.Acknowledged);
      const refused = count(Count.Refused);
      const offered = count(Count.Published) + refused;
      // Only a full queue that rejects turns messages away; its mode may be set during the run.
      const refuses = refused > 0 || ('overflow' in spec && spec.overflow === 'rejectPublish');
      const shedRate = refuses ? shedRateOf(refused, offered) : null;
      return { offered, completed: acknowledged, good: acknowledged, shedRate };
    }
    case 'jobApi': {
      const taken = count(Tally.JobAccepted, Tally.RepeatedPost, Tally.Invalid);
      const offered = taken + count(Count.Rejected, Count.Withdrawn);
      return { ...asked(offered), shedRate: shedRateOf(count(Count.Rejected), offered) };
    }
    case 'topic':
      return asked(count(Tally.TopicEvent));
    case 'store':
      return asked(count(Tally.Read, Tally.Write));
    case 'outbox':
      return asked(count(Tally.Committed, Tally.RolledBack));
    case 'feed':
      return asked(spec.delivery === 'poll' ? count(Tally.Poll) : null);
    case 'clients':
      return NO_LOAD;
  }
}

const NO_LOAD: NodeLoad = { offered: null, completed: null, good: null, shedRate: null };

function shedRateOf(rejected: number, offered: number): number | null {
  return offered > 0 ? rejected / offered : null;
}
