/** Makes every kind known: for flow files, headless runs and the package. */
import './coreKinds.ts';
import { Feed } from './feed.ts';
import { JobApi } from './jobApi.ts';
import { registerKind } from './kinds.ts';
import { LeaseQueue } from './leaseQueue.ts';
import { Log } from './log.ts';
import { Outbox } from './outbox.ts';
import { Store } from './store.ts';
import { Topic } from './topic.ts';
import { Workers } from './workers.ts';

registerKind('leaseQueue', (id, index, spec, { consumersOf, watchersOf, random }) => {
  const queue = new LeaseQueue(id, index, spec, consumersOf(id), watchersOf(id), random);
  return { node: queue, broker: queue };
});

registerKind('log', (id, index, spec, { groupsOf }) => {
  const log = new Log(id, index, spec, groupsOf(id));
  return { node: log, broker: log };
});

registerKind('store', (id, index, spec, { random }) => ({
  node: new Store(id, index, spec, random),
}));

registerKind('outbox', (id, index, spec, { publishIndex, random }) => ({
  node: new Outbox(id, index, spec, publishIndex, random),
}));

registerKind('feed', (id, index, spec, { random }) => ({
  node: new Feed(id, index, spec, random),
}));

registerKind('topic', (id, index, spec, { queueIndex, anyIndex }) => {
  spec.subscriptions.forEach(queueIndex);
  const topic = new Topic(id, index, spec, anyIndex);
  return { node: topic, broker: topic };
});

registerKind('jobApi', (id, index, spec, { queueIndex, random }) => {
  const api = new JobApi(id, index, spec, queueIndex, random);
  return { node: api, callee: api };
});

registerKind('workers', (id, index, spec, { queueIndex, anyIndex, groupsOf, random, edges }) => {
  queueIndex(spec.consumes);
  const group = groupsOf(spec.consumes).find(({ nodes }) => nodes.includes(index));
  const workers = new Workers(id, index, spec, anyIndex, random, edges, group?.nodes[0]);
  return { node: workers, callee: workers };
});
