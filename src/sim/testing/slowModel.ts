/**
 * A second simulation, written to be obviously right instead of fast, and sharing nothing with the
 * engine but the flow type and the random draws: plain objects, lists, and at every step a search for
 * whatever happens next. It knows clients with patience, services with work, calls and publishes,
 * calls that time out and deadlines that propagate, and queues with limits, retries and a dead-letter
 * queue; times must be random, so that no two things happen at one instant by chance.
 */
import type { CallPolicy } from '../callPolicy.ts';
import type { Flow } from '../flow.ts';
import { drawKey } from '../kernel/calls.ts';
import { SlowModelDraws, stepKey } from './slowModelDraws.ts';
import {
  newJob,
  type Call,
  type Ending,
  type Job,
  type Message,
  type Queue,
  type Request,
  type Service,
} from './slowModelParts.ts';

/** `time kind request node`, with the exact time. */
export type LogLine = string;

export class SlowModel {
  readonly log: LogLine[] = [];
  private nowS = 0;
  private readonly draws: SlowModelDraws;
  private readonly flow: Flow;
  private readonly services = new Map<string, Service>();
  private readonly queues = new Map<string, Queue>();
  private readonly requests: Request[] = [];
  /** Those that may time out, callers before their callees. */
  private readonly calls: Call[] = [];
  private nextArrivalS: number;

  constructor(flow: Flow, seed: number) {
    this.flow = flow;
    this.draws = new SlowModelDraws(seed);
    for (const [id, spec] of Object.entries(flow.nodes)) {
      if (spec.kind === 'service')
        this.services.set(id, { id, spec, waiting: [], busy: [], filling: false, wastedS: 0 });
      if (spec.kind === 'queue') {
        this.queues.set(id, { id, spec, ready: [], shelf: [], placeless: [], turn: 0 });
      }
    }
    this.nextArrivalS = this.draws.gapS(this.clients(), 0);
  }

  run(untilS: number): void {
    while (this.runNext(untilS)) {
      // One thing after the other.
    }
  }

  /** Thread time at a service that went into results nobody awaited, seconds. */
  wastedS(service: string): number {
    return this.services.get(service)!.wastedS;
  }

  private runNext(untilS: number): boolean {
    let soonestS = this.nextArrivalS;
    let act = () => this.arrival();
    const consider = (timeS: number, what: () => void) => {
      if (timeS >= soonestS) return;
      soonestS = timeS;
      act = what;
    };
    for (const request of this.requests) {
      if (request.outcome === 'open') consider(request.givesUpS, () => this.giveUp(request));
    }
    for (const call of this.calls) {
      if (!call.isOver) consider(call.timeoutS, () => this.timeOut(call));
    }
    for (const service of this.services.values()) {
      for (const job of service.busy) consider(job.untilS, () => this.stepDone(job));
    }
    for (const queue of this.queues.values()) {
      for (const message of queue.shelf) consider(message.dueS, () => this.due(queue, message));
    }
    if (soonestS >= untilS) return false;
    this.nowS = soonestS;
    act();
    return true;
  }

  private arrival(): void {
    const clients = this.clients();
    const number = this.requests.length;
    const request: Request = {
      number,
      givesUpS: clients.patienceS === null ? Infinity : this.nowS + clients.patienceS,
      outcome: 'open',
      started: false,
      job: null,
    };
    this.requests.push(request);
    this.nextArrivalS = this.nowS + this.draws.gapS(clients, number + 1);
    this.note('arrive', request, clients.target);
    const { policy } = clients;
    const patienceS = clients.patienceRuns === 'untilStarted' ? Infinity : request.givesUpS;
    const job = this.call('user', clients.target, request, policy, patienceS, 1);
    request.job = job;
    if (!this.comesIn(job)) {
      job.call!.isOver = true;
      request.outcome = 'rejected';
      this.note('reject', request, clients.target);
    }
  }

  /** Sends a job to a service. @param callerS when the caller itself is no longer awaited */
  private call(
    caller: Job | 'user',
    to: string,
    request: Request,
    policy: CallPolicy | undefined,
    callerS: number,
    key: number,
  ): Job {
    const timeoutS = this.nowS + (policy?.timeoutMs ?? Infinity) / 1000;
    const deadlineS = policy?.propagateDeadline === true ? Math.min(timeoutS, callerS) : Infinity;
    const job = newJob(this.services.get(to)!, request, null, key, deadlineS);
    // Users keep their patience themselves.
    const waitsUntilS = caller === 'user' ? timeoutS : Math.min(timeoutS, deadlineS);
    job.call = { caller, job, timeoutS: waitsUntilS, isOver: false };
    this.calls.push(job.call);
    return job;
  }

  /** The caller is free; the job goes on by itself, for nobody. */
  private timeOut(call: Call): void {
    call.isOver = true;
    call.job.call = null;
    if (call.caller !== 'user') this.answered(call.caller, 'timedOut');
    else this.userTimedOut(call.job.request);
  }

  private userTimedOut(request: Request): void {
    if (request.outcome !== 'open') return;
    request.outcome = 'timedOut';
    request.job = null;
    this.note('giveUp', request, this.clients().target);
  }

  private giveUp(request: Request): void {
    const clients = this.clients();
    if (clients.patienceRuns === 'untilStarted' && request.started) {
      Object.assign(request, { givesUpS: Infinity });
      return;
    }
    request.outcome = 'timedOut';
    this.note('giveUp', request, clients.target);
    const { job } = request;
    if (clients.whenImpatient !== 'leavesAcceptQueue' || job === null) return;
    if (!job.service.waiting.includes(job)) return;
    remove(job.service.waiting, job);
    job.call!.isOver = true;
  }

  /** @returns false if there is no place */
  private comesIn(job: Job): boolean {
    const { service } = job;
    if (service.busy.length < service.spec.threads && service.waiting.length === 0) {
      this.begin(job);
      return true;
    }
    if (service.waiting.length >= (service.spec.acceptQueue ?? Infinity)) return false;
    service.waiting.push(job);
    this.note('wait', job.request, service.id);
    return true;
  }

  private begin(job: Job): void {
    const { service, request } = job;
    service.busy.push(job);
    job.startedS = this.nowS;
    if (job.message === null) this.note('start', request, service.id);
    if (request.job === job) request.started = true;
    job.fails = this.draws.fails(job);
    this.next(job);
  }

  /** The thread comes to the next step, or to the end of the handler. */
  private next(job: Job): void {
    if (this.nowS > job.deadlineS) return this.end(job, 'timedOut');
    const step = job.service.spec.handler[job.step];
    if (step === undefined) return this.end(job, job.fails ? 'failed' : 'ok');
    switch (step.do) {
      case 'work':
        job.untilS = this.nowS + this.draws.workS(job, step);
        return;
      case 'publish':
        job.untilS = this.nowS + (this.queues.get(step.queue)!.spec.publishMs ?? 0) / 1000;
        return;
      case 'call': {
        job.untilS = Infinity;
        const { request, deadlineS } = job;
        const key = stepKey(job);
        const callee = this.call(job, step.target, request, step.policy, deadlineS, key);
        if (this.comesIn(callee)) return;
        callee.call!.isOver = true;
        this.answered(job, 'rejected');
        return;
      }
      default:
        throw new Error(`the slow model knows no step ${step.do}`);
    }
  }

  private stepDone(job: Job): void {
    const step = job.service.spec.handler[job.step];
    job.untilS = Infinity;
    if (step.do === 'publish') {
      this.publish(this.queues.get(step.queue)!, job.request, stepKey(job));
    }
    job.step++;
    this.next(job);
  }

  /** The call that the job waited for is over. */
  private answered(job: Job, ending: Ending): void {
    // A deadline that propagates ends the job and its call at one instant.
    if (ending !== 'ok' && this.nowS >= job.deadlineS) return this.end(job, 'timedOut');
    if (ending === 'timedOut') return this.end(job, 'failed');
    if (ending !== 'ok') return this.end(job, 'failed', ending);
    job.step++;
    this.next(job);
  }

  private end(job: Job, ending: Ending, passedOn: Ending = ending): void {
    const { service, request, call, message } = job;
    remove(service.busy, job);
    if (this.isWasted(job)) service.wastedS += this.nowS - job.startedS;
    if (call !== null) call.isOver = true;
    if (message !== null) this.settle(job, ending);
    else if (call !== null && call.caller !== 'user') this.answered(call.caller, passedOn);
    else if (call !== null && ending === 'timedOut') this.userTimedOut(request);
    else if (call !== null) {
      if (request.outcome === 'open') {
        request.outcome =
          ending === 'ok' ? 'served' : passedOn === 'rejected' ? 'rejected' : 'failed';
      }
      this.note(`answer ${request.outcome}`, request, 'users');
    }
    this.fillThreads(service);
  }

  /** Does nobody wait for the job, or for whoever waits for it, and so on? */
  private isWasted({ message, call, request }: Job): boolean {
    // A message is worked off for its own sake.
    if (message !== null) return false;
    if (call === null) return true;
    return call.caller === 'user' ? request.outcome === 'timedOut' : this.isWasted(call.caller);
  }

  /** Calls go before messages. */
  private fillThreads(service: Service): void {
    if (service.filling) return;
    service.filling = true;
    while (service.busy.length < service.spec.threads) {
      const job = service.waiting.shift() ?? this.takeMessage(service);
      if (job === null) break;
      this.begin(job);
    }
    service.filling = false;
  }

  private takeMessage(service: Service): Job | null {
    const queue = this.queues.get(service.spec.consumes ?? '');
    const message = queue?.ready.shift();
    if (queue === undefined || message === undefined) return null;
    message.attempts++;
    this.note(`deliver ${message.attempts}`, message.request, queue.id);
    const placeless = queue.placeless.shift();
    if (placeless !== undefined) this.toFront(queue, placeless);
    const key = drawKey(message.key, 0, message.attempts);
    return newJob(service, message.request, message, key, Infinity);
  }

  private publish(queue: Queue, request: Request, key: number): void {
    const limit = queue.spec.limit ?? Infinity;
    if (
      queue.spec.overflow === 'rejectPublish' &&
      queue.ready.length + queue.placeless.length >= limit
    ) {
      this.note('refuse', request, queue.id);
      return;
    }
    this.note('enqueue', request, queue.id);
    this.makeRoom(queue);
    queue.ready.push({ request, key, attempts: 0, dueS: Infinity });
    this.wakeWorkers(queue);
  }

  private settle(job: Job, ending: Ending): void {
    const queue = this.queues.get(job.service.spec.consumes!)!;
    const message = job.message!;
    if (ending === 'ok') return this.note('acknowledge', message.request, queue.id);
    if (message.attempts >= (queue.spec.maxAttempts ?? 5)) {
      return this.note('deadLetter', message.request, queue.id);
    }
    let backoffS = queue.spec.backoffBaseS ?? 1;
    for (let k = 1; k < message.attempts; k++) backoffS *= 2;
    message.dueS = this.nowS + Math.min(backoffS, queue.spec.backoffCapS ?? 30);
    queue.shelf.push(message);
    this.note('backOff', message.request, queue.id);
  }

  private due(queue: Queue, message: Message): void {
    remove(queue.shelf, message);
    const full = queue.ready.length >= (queue.spec.limit ?? Infinity);
    if (full && queue.spec.overflow === 'rejectPublish') queue.placeless.push(message);
    else this.toFront(queue, message);
  }

  private toFront(queue: Queue, message: Message): void {
    this.note('requeue', message.request, queue.id);
    this.makeRoom(queue);
    message.dueS = Infinity;
    queue.ready.unshift(message);
    this.wakeWorkers(queue);
  }

  private makeRoom(queue: Queue): void {
    if (queue.ready.length < (queue.spec.limit ?? Infinity)) return;
    if (queue.spec.overflow === 'rejectPublish') return;
    this.note('drop', queue.ready.shift()!.request, queue.id);
  }

  /** Workers take turns; the first with a free thread gets the message. */
  private wakeWorkers(queue: Queue): void {
    const workers = [...this.services.values()].filter((each) => each.spec.consumes === queue.id);
    for (let k = 0; k < workers.length; k++) {
      const at = (queue.turn + k) % workers.length;
      const { busy, waiting, spec, filling } = workers[at];
      if (filling || busy.length >= spec.threads || waiting.length > 0) continue;
      queue.turn = (at + 1) % workers.length;
      this.fillThreads(workers[at]);
      return;
    }
  }

  private clients() {
    const spec = this.flow.nodes['users'];
    if (spec?.kind !== 'clients') throw new Error('no users');
    return spec;
  }

  private note(what: string, request: Request, node: string): void {
    this.log.push(`${this.nowS} ${what} ${request.number} ${node}`);
  }
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
