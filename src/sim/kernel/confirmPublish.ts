/** The broker has confirmed: a parked job's messages are published and the job goes on. */
import { Result, type Broker, type Kernel } from './node.ts';

/**
 * Or not yet: a full queue that blocks its producers keeps the job parked, publishes for it later and
 * resumes it. A job that publishes copies counts those that are left in `joining`.
 */
export function confirmPublish(kernel: Kernel, index: number): void {
  const broker = kernel.brokers[kernel.jobs.rows[index].waitNode]!;
  do {
    if (broker.hold(kernel, index)) return;
  } while (publishOne(kernel, broker, index));
  kernel.callees[kernel.jobs.rows[index].node]!.resume(kernel, index, Result.Ok);
}

type Publishing = Pick<Broker, 'publish'>;

/** Publishes the job's message, or the next of its copies. @returns whether there are more */
export function publishOne(kernel: Kernel, broker: Publishing, index: number): boolean {
  const job = kernel.jobs.rows[index];
  if (job.joining > 0) job.joining--;
  const { request, node, thread, publishKey, joining } = job;
  broker.publish(kernel, request, node, thread, publishKey, joining);
  return joining > 0;
}
