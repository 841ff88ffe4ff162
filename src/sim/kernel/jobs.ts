/** Jobs: one row per visit of a request (or of its message) to a service. */
import { Job } from './job.ts';
import { JobColumns } from './jobColumns.ts';
import { RowTable, type Clock } from './rowTable.ts';

export const JobPhase = {
  Queued: 0,
  Running: 1,
  Parked: 2,
  /** On its way to the node. */
  Travelling: 3,
  /** Delivered to a worker that is busy with another message. */
  Buffered: 4,
} as const;

export class JobTable extends RowTable<Job> {
  protected blank(index: number): Job {
    return new Job(index);
  }

  protected columns(length: number): JobColumns {
    return new JobColumns(length);
  }

  /**
   * A job that arrives at `node` now; fields that a queue or a start set keep what they had.
   * @param entry position in the node's program at which it begins
   */
  create(
    node: number,
    request: number,
    caller: number,
    entry: number,
    drawKey: number,
    { clockS }: Clock,
  ): Job {
    const job = this.allocate();
    job.node = node;
    job.request = request;
    job.caller = caller;
    job.callee = -1;
    job.message = -1;
    job.position = entry;
    job.thread = -1;
    job.phase = JobPhase.Queued;
    job.drawKey = drawKey;
    job.root = 0;
    job.joining = 0;
    job.deadlineS = Infinity;
    job.fails = 0;
    job.sinceS = clockS;
    job.arrivedS = clockS;
    job.viewSlot = -1;
    return job;
  }
}
