/** The kinds that every page starts with. */
import { Clients } from './clients.ts';
import { registerKind } from './kinds.ts';
import { Queue } from './queue.ts';
import { Service } from './service.ts';

registerKind('clients', (id, index, spec, { targetIndex, random, edges }) => {
  const clients = new Clients(id, index, spec, targetIndex, random, edges);
  return { node: clients, origin: clients };
});

registerKind('service', (id, index, spec, { queueIndex, anyIndex, random, edges }) => {
  if (spec.consumes !== undefined) queueIndex(spec.consumes);
  const service = new Service(id, index, spec, anyIndex, random, edges);
  return { node: service, callee: service };
});

registerKind('queue', (id, index, spec, { consumersOf, watchersOf, random }) => {
  const queue = new Queue(id, index, spec, consumersOf(id), watchersOf(id), random);
  return { node: queue, broker: queue };
});
