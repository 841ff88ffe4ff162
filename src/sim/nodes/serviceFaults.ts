/** The part of a service that goes wrong: failures and hangs that are drawn, threads that die, outages. */
import type { Job } from '../kernel/job.ts';
import { JobPhase } from '../kernel/jobs.ts';
import { eventTarget, Result, type Kernel, type Recorder } from '../kernel/node.ts';
import { Purpose } from '../kernel/random.ts';
import { VisibleEvent } from '../trace.ts';
import { Code } from './programWalker.ts';
import { ServiceMessages } from './serviceMessages.ts';

export abstract class ServiceFaults extends ServiceMessages {
  /** The job is over: whoever waits for it gets the result. */
  protected abstract conclude(kernel: Kernel, job: Job, result: Result): void;

  /** The thread of a job is free, or dead. */
  protected abstract noteFreed(recorder: Recorder, kernel: Kernel, job: Job, result: Result): void;

  /** Draws what will go wrong with a job that starts. */
  protected tempt(kernel: Kernel, job: Job): void {
    const { state, program } = this;
    if (state.failureRate > 0) {
      job.fails = this.draw(kernel, job, Purpose.Failure) < state.failureRate ? 1 : 0;
    }
    if (state.poisoned.includes(kernel.requests.rows[job.request].number)) job.fails = 1;
    if (state.hangRate > 0 && job.position !== program.rejects) {
      if (this.draw(kernel, job, Purpose.Hang) < state.hangRate) job.position = program.hangs;
    }
  }

  /** A thread dies in the middle of its work; where none works, it is the next that does. */
  protected killAny(kernel: Kernel, downS: number): void {
    const { state } = this;
    const { job: jobOn } = state.pool;
    const { rows } = kernel.jobs;
    const cell = jobOn.findIndex((job) => job >= 0 && rows[job].phase === JobPhase.Running);
    if (cell >= 0) {
      this.kill(kernel, rows[jobOn[cell]], downS);
      return;
    }
    state.pendingKills++;
    state.killDownS = downS;
  }

  protected kill(kernel: Kernel, job: Job, downS: number): void {
    const { state } = this;
    const { recorder, clockS } = kernel;
    const { thread: cell, request } = job;
    if (recorder !== null) {
      recorder.record(kernel, VisibleEvent.Kill, request, this.index, cell, -1, -1, 0);
      this.noteFreed(recorder, kernel, job, Result.Failed);
    }
    state.pool.kill(cell, clockS, clockS + downS);
    if (this.nonBlocking === true) state.inFlight--;
    kernel.events.push(clockS + downS, eventTarget(this.index, Code.Revive), cell, 0);
    if (job.message >= 0) this.giveBack(kernel, job);
    else this.conclude(kernel, job, Result.Failed);
  }

  protected revive(kernel: Kernel, cell: number): void {
    this.state.pool.revive(cell);
    if (kernel.recorder !== null) {
      kernel.recorder.recordNode(kernel, VisibleEvent.Revive, this.index, cell);
    }
    this.admit(kernel);
  }

  /** Outages may overlap: it is over when all of its kind are, and refusing goes before stalling. */
  protected beginOutage(kernel: Kernel, how: 'stall' | 'refuse', durationS: number): void {
    const { state } = this;
    const endS = kernel.clockS + durationS;
    if (how === 'refuse') state.refusesUntilS = Math.max(state.refusesUntilS, endS);
    else state.stallsUntilS = Math.max(state.stallsUntilS, endS);
    this.noteOutages(kernel);
    this.at(kernel, durationS, Code.OutageEnd, 0);
  }

  protected noteOutages({ clockS }: Kernel): void {
    const { state } = this;
    state.refusing = clockS < state.refusesUntilS ? 1 : 0;
    state.pool.stall(clockS < state.stallsUntilS);
  }

  protected at(kernel: Kernel, delayS: number, code: number, generation: number): void {
    kernel.events.push(kernel.clockS + delayS, eventTarget(this.index, code), 0, generation);
  }
}
