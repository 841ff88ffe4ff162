/**
 * A video is uploaded and made into five renditions (times illustrative): one after the other by one
 * worker, or each by its own. 100 MB at 20 Mb/s are 40 s. Data only.
 */
import type { Flow, LeaseQueueSpec, NodeSpec, WorkersSpec } from '../flow.ts';

export const RENDITIONS_S = [10, 20, 30, 60, 120] as const;

/** @param videos uploaded, one every 5 minutes */
export function videoFlow(
  how: 'serial' | 'parallel',
  queue: Partial<LeaseQueueSpec>,
  workers: Partial<WorkersSpec>,
  videos: number,
): Flow {
  const nodes: Record<string, NodeSpec> = {
    users: {
      kind: 'clients',
      target: 'upload',
      arrivals: 'constant',
      ratePerS: 1 / 300,
      patienceS: null,
      limit: videos,
    },
    upload: {
      kind: 'service',
      threads: 10,
      acceptQueue: null,
      handler: [
        { do: 'transfer', name: 'upload', sizeMB: 100, bandwidthMbps: 20 },
        { do: 'publish', name: 'uploaded', queue: how === 'serial' ? 'all' : 'uploaded' },
      ],
    },
  };
  const add = (id: string, secondsOf: readonly number[]): void => {
    nodes[id] = { kind: 'leaseQueue', maxReceives: 5, ...queue };
    nodes[`${id}Worker`] = {
      kind: 'workers',
      consumes: id,
      workers: 2,
      handler: secondsOf.map((s) => ({ do: 'work', name: `rendition${s}`, workMs: 1000 * s })),
      ...workers,
    };
  };
  if (how === 'serial') add('all', RENDITIONS_S);
  else {
    nodes['uploaded'] = {
      kind: 'topic',
      subscriptions: RENDITIONS_S.map((s) => `rendition${s}`),
    };
    for (const s of RENDITIONS_S) add(`rendition${s}`, [s]);
  }
  return { version: 1, title: 'Video', nodes };
}
