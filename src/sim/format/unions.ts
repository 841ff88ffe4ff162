/** Every union a field may refer to, by name: the one list of kinds that the format's tools read. */
import type { NodeSpec } from '../flow.ts';
import { clientsParameters } from '../nodes/clients.parameters.ts';
import { feedParameters } from '../nodes/feed.parameters.ts';
import { jobApiParameters } from '../nodes/jobApi.parameters.ts';
import { leaseQueueParameters } from '../nodes/leaseQueue.parameters.ts';
import { logParameters } from '../nodes/log.parameters.ts';
import { outboxParameters } from '../nodes/outbox.parameters.ts';
import { queueParameters } from '../nodes/queue.parameters.ts';
import { serviceParameters } from '../nodes/service.parameters.ts';
import { storeParameters } from '../nodes/store.parameters.ts';
import { topicParameters } from '../nodes/topic.parameters.ts';
import { workersParameters } from '../nodes/workers.parameters.ts';
import { actionUnion } from './actions.ts';
import { retryBudgetUnion } from './callPolicy.ts';
import { disciplineUnion } from './discipline.ts';
import type { Union, VariantsOf } from './field.ts';
import { stepUnion } from './steps.ts';
import { variabilityUnion } from './variability.ts';

const nodes: VariantsOf<NodeSpec, 'kind'> = {
  clients: clientsParameters,
  service: serviceParameters,
  queue: queueParameters,
  leaseQueue: leaseQueueParameters,
  workers: workersParameters,
  topic: topicParameters,
  log: logParameters,
  store: storeParameters,
  outbox: outboxParameters,
  feed: feedParameters,
  jobApi: jobApiParameters,
};

const nodeUnion: Union = { label: 'Node', tag: 'kind', variants: nodes };

export const unions = {
  node: nodeUnion,
  step: stepUnion,
  variability: variabilityUnion,
  retryBudget: retryBudgetUnion,
  discipline: disciplineUnion,
  action: actionUnion,
} satisfies Record<string, Union>;
