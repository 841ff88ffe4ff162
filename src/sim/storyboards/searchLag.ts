/**
 * A search index that lags: people save something, and look for it a moment later. The pipeline takes
 * 0.2 s, and the index shows what has reached it at its next refresh, once a second. Data only.
 */
import type { ClientsSpec, Flow, Step, StoreSpec } from '../flow.ts';

interface SearchLag {
  /** From the save to the search, seconds. */
  readonly afterS: number;
  /** Writes that wait in the pipeline all the time; it applies 100 a second, and as many come in. */
  readonly backlog?: number;
  readonly index?: Partial<StoreSpec>;
  readonly read?: Partial<Extract<Step, { readonly do: 'read' }>>;
  /** Waits for the refresh before it answers the save (refresh = wait_for). */
  readonly waits?: boolean;
}

/** Of those who save, this many a second search afterwards. */
const SEARCHES_PER_S = 10;
/** Writes per second that the pipeline applies where it has a backlog. */
const APPLY_PER_S = 100;

export function searchLagFlow({ afterS, backlog, index, read, waits }: SearchLag): Flow {
  const save: Step = {
    do: 'write',
    name: 'save',
    store: 'index',
    until: waits === true ? 'copy' : 'primary',
  };
  const busy = backlog === undefined ? {} : { applyPerS: APPLY_PER_S };
  return {
    version: 1,
    title: 'Search lag',
    nodes: {
      // Arrivals are constant where the backlog has to stay what it is.
      users: users('search', SEARCHES_PER_S, backlog === undefined ? 'poisson' : 'constant'),
      ...(backlog !== undefined && {
        importer: { ...users('save', 100_000, 'constant'), limit: backlog },
        writers: users('save', APPLY_PER_S - SEARCHES_PER_S, 'constant'),
      }),
      api: {
        kind: 'service',
        threads: 1000,
        acceptQueue: null,
        handler: [],
        endpoints: {
          save: [save],
          search: [
            save,
            { do: 'work', name: 'look away', workMs: 1000 * afterS },
            { do: 'read', name: 'search', store: 'index', from: 'copy', ...read },
          ],
        },
      },
      index: { kind: 'store', lagMs: 200, refreshS: 1, ...busy, ...index },
    },
  };
}

function users(endpoint: string, ratePerS: number, arrivals: 'poisson' | 'constant'): ClientsSpec {
  return { kind: 'clients', target: 'api', endpoint, arrivals, ratePerS, patienceS: null };
}
