/**
 * The loads at which something fills: the marks on the load slider. Pool ceiling = threads ÷ hold
 * time; each comes from the parameters shown, so the marks move with them.
 */
import type { LaneId, ParameterValue } from '../../scenarios/scenario.ts';

export type Values = Readonly<Record<string, ParameterValue>>;

/** How a lane does its two downstream steps. */
export interface Program {
  readonly payment: 'wait' | 'queue';
  readonly email: 'wait' | 'queue';
}

export function programOf(values: Values, lane: LaneId): Program {
  const mode = (step: string) => (values[`${lane}.${step}`] === 'queue' ? 'queue' : 'wait');
  return { payment: mode('payment'), email: mode('email') };
}

const number = (values: Values, key: string) => Number(values[key]);

/** Mean time a thread of the API is held by one request that is not declined, seconds. */
export function holdS(values: Values, program: Program): number {
  const publishS = number(values, 'enqueue') / 1000;
  const emailS = program.email === 'wait' ? number(values, 'email.latency') / 1000 : publishS;
  return paymentHoldS(values, program) + emailS;
}

function paymentHoldS(values: Values, program: Program): number {
  const paymentS =
    program.payment === 'wait'
      ? number(values, 'payment.latency') / 1000
      : number(values, 'enqueue') / 1000;
  return number(values, 'api.latency') / 1000 + paymentS;
}

/** Share of requests that reach the email step: a card declined at once ends its request. */
function emailShare(values: Values, program: Program): number {
  return program.payment === 'wait' ? 1 - number(values, 'payment.failure') / 100 : 1;
}

/** Requests per second at which the lane's users begin to queue without end; Infinity if nothing fills. */
export function answerCeilingPerS(values: Values, program: Program): number {
  const share = emailShare(values, program);
  const meanHoldS =
    paymentHoldS(values, program) +
    share * (holdS(values, program) - paymentHoldS(values, program));
  const ceilings = [number(values, 'api.threads') / meanHoldS];
  if (program.payment === 'wait') {
    ceilings.push((number(values, 'payment.threads') * 1000) / number(values, 'payment.latency'));
  }
  if (program.email === 'wait' && share > 0) {
    ceilings.push(
      (number(values, 'email.threads') * 1000) / number(values, 'email.latency') / share,
    );
  }
  return Math.min(...ceilings);
}

/** Deliveries of one message on average, when each fails with probability `failure` and 5 are made at most. */
const meanDeliveries = (failure: number) => (failure >= 1 ? 5 : (1 - failure ** 5) / (1 - failure));

/** Requests per second at which the queued messages of a step begin to pile up; null where it is not queued. */
export function debtCeilingPerS(
  values: Values,
  program: Program,
  step: 'payment' | 'email',
): number | null {
  if (program[step] === 'wait') return null;
  const perS = (number(values, `${step}.threads`) * 1000) / number(values, `${step}.latency`);
  if (step === 'payment') return perS;
  const share = emailShare(values, program);
  return share === 0 ? null : perS / share / meanDeliveries(number(values, 'email.failure') / 100);
}
