/**
 * The flow format: a topology as plain JSON data. A scenario lane, a flow file and a benchmark
 * workload are all values of these types.
 *
 * Durations carry their unit in the name and are milliseconds where people think in milliseconds
 * (work, latency) and seconds elsewhere (patience, backoff).
 */
import type { LeaseQueueSpec, LogSpec, QueueSpec, TopicSpec } from './flow/brokerSpecs.ts';
import type { ClientsSpec } from './flow/clientsSpec.ts';
import type { FeedSpec, OutboxSpec, StoreSpec } from './flow/dataSpecs.ts';
import type { TimedInput } from './flow/inputs.ts';
import type { JobApiSpec } from './flow/jobApiSpec.ts';
import type { ServiceSpec } from './flow/serviceSpec.ts';
import type { WorkersSpec } from './flow/workersSpec.ts';

export type {
  LeaseQueueSpec,
  LogSpec,
  PublishSpec,
  QueueSpec,
  TopicSpec,
} from './flow/brokerSpecs.ts';
export type { Bursts, ClientsSpec, ProfilePoint, RequestClass } from './flow/clientsSpec.ts';
export type { FeedSpec, OutboxSpec, StoreSpec } from './flow/dataSpecs.ts';
export type { InputAction, TimedInput } from './flow/inputs.ts';
export type { JobApiSpec } from './flow/jobApiSpec.ts';
export type { QueueDiscipline, ServiceSpec } from './flow/serviceSpec.ts';
export type { CallStep, Step, StepMode } from './flow/steps.ts';
export type { Variability } from './flow/variability.ts';
export type { AutoscaleSpec, WorkersSpec } from './flow/workersSpec.ts';

export type NodeSpec =
  | ClientsSpec
  | ServiceSpec
  | QueueSpec
  | LeaseQueueSpec
  | WorkersSpec
  | TopicSpec
  | LogSpec
  | StoreSpec
  | OutboxSpec
  | FeedSpec
  | JobApiSpec;

export interface Flow {
  /** Address of the JSON Schema, for editors. */
  readonly $schema?: string;
  readonly version: 1;
  readonly title?: string;
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  /** What happens to the flow while it runs: load that changes, faults. In any order. */
  readonly schedule?: readonly TimedInput[];
}
