/** What `flowscope/sim` exports: the engine on its own. The only file of its sort; inside, import the file that holds the thing. */
import './nodes/allKinds.ts';

export type {
  AdaptiveThrottle,
  CallPolicy,
  CircuitBreaker,
  RetryBudget,
  RetryPolicy,
} from './callPolicy.ts';
export type {
  ClientsSpec,
  FeedSpec,
  Flow,
  InputAction,
  JobApiSpec,
  LeaseQueueSpec,
  LogSpec,
  NodeSpec,
  OutboxSpec,
  PublishSpec,
  QueueDiscipline,
  QueueSpec,
  ServiceSpec,
  Step,
  StoreSpec,
  TimedInput,
  TopicSpec,
  Variability,
  WorkersSpec,
} from './flow.ts';
export type { Fault } from './format/field.ts';
export { flowJsonSchema } from './format/jsonSchema.ts';
export { parseFlow, type ParsedFlow } from './format/parseFlow.ts';
export { setPath } from './format/setPath.ts';
export type { Journey, MessageJourney, Segment } from './journey.ts';
export { LimitError } from './kernel/limits.ts';
export {
  Simulation,
  type Checkpoint,
  type Observation,
  type SimulationOptions,
} from './kernel/simulation.ts';
export type { LaneReadouts } from './metrics/readouts.ts';
export type { CallReport } from './metrics/callReport.ts';
export type { LaneReport } from './metrics/laneReport.ts';
export type { DepthReport, NodeReport, ThreadsReport } from './metrics/nodeReport.ts';
export type { RunReport } from './metrics/runReport.ts';
export type { SeriesSummary } from './metrics/series.ts';
export { Outcome, outcomeName } from './outcome.ts';
export { runHeadless, type HeadlessOptions, type HeadlessRun } from './runHeadless.ts';
export { VisibleEvent } from './trace.ts';
export type { BrokerView, ClientsView, LaneView, NodeView, PoolView } from './view.ts';
