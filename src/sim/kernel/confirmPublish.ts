/** The broker has confirmed: a parked job's message is published and the job goes on. */
import { Result, type Kernel } from './node.ts';

/** Or not yet: a full queue that blocks its producers keeps the job parked, publishes for it later and resumes it. */
export function confirmPublish(kernel: Kernel, index: number): void {
  const job = kernel.jobs.rows[index];
  const broker = kernel.brokers[job.waitNode]!;
  if (broker.hold(kernel, index)) return;
  broker.publish(kernel, job.request, job.node, job.thread, job.publishKey);
  kernel.callees[job.node]!.resume(kernel, index, Result.Ok);
}
