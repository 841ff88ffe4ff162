/** The things that the slow model is made of: plain objects that refer to one another. */
import type { QueueSpec, ServiceSpec } from '../flow.ts';

export type Ending = 'ok' | 'failed' | 'rejected' | 'timedOut';

export interface Request {
  readonly number: number;
  readonly givesUpS: number;
  outcome: 'open' | 'served' | 'failed' | 'rejected' | 'timedOut';
  started: boolean;
  job: Job | null;
}

/** Somebody waits for a job: another job, or the user. */
export interface Call {
  readonly caller: Job | 'user';
  readonly job: Job;
  /** When the caller stops waiting, if there is no answer by then. */
  readonly timeoutS: number;
  isOver: boolean;
}

export interface Job {
  readonly service: Service;
  readonly request: Request;
  /** Who waits for it; a message's job is awaited by nobody, an abandoned one no more. */
  call: Call | null;
  readonly message: Message | null;
  /** After this moment it knows that nobody wants the result. */
  readonly deadlineS: number;
  /** Key of its random draws. */
  readonly key: number;
  step: number;
  /** When its work or publish is done; Infinity while it waits for something else. */
  untilS: number;
  fails: boolean;
  startedS: number;
}

export interface Message {
  readonly request: Request;
  readonly key: number;
  attempts: number;
  /** When its backoff ends; Infinity while it is ready or in work. */
  dueS: number;
}

export interface Service {
  readonly id: string;
  readonly spec: ServiceSpec;
  readonly waiting: Job[];
  readonly busy: Job[];
  /** While it puts work on its threads it looks for more itself: others need not wake it. */
  filling: boolean;
  /** Thread time of jobs that nobody awaited when they ended, seconds. */
  wastedS: number;
}

export interface Queue {
  readonly id: string;
  readonly spec: QueueSpec;
  readonly ready: Message[];
  readonly shelf: Message[];
  /** Due, and without a place; the longest due first. */
  readonly placeless: Message[];
  /** Whose turn it is among the services that work it off. */
  turn: number;
}

/** A job that nobody waits for yet. */
export function newJob(
  service: Service,
  request: Request,
  message: Message | null,
  key: number,
  deadlineS: number,
): Job {
  return {
    service,
    request,
    call: null,
    message,
    deadlineS,
    key,
    step: 0,
    untilS: Infinity,
    fails: false,
    startedS: Infinity,
  };
}
