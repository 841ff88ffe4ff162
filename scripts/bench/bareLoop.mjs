// The three workloads by hand: what the language can do when nothing is general. One binary heap over
// typed arrays with replace-top, waiting requests in rings, the engine's own random generator and
// logarithm, keyed as in the engine: so a loop lives through the very run that the engine does, and
// the mean response time, the only thing it records, has to come out the same.

/** Rings are masked; the largest queue of W1–W3 stays well below. */
const RING = 1 << 16;
const MAX_EVENTS = 1 << 12;
/** The engine's purposes of draws. */
const WORK = 0;
const ARRIVAL = 34;

/**
 * @typedef {object} RandomSource
 * @property {(name: string) => readonly [number, number]} keysOf
 * @property {(key0: number, key1: number, request: number, attempt: number, purpose: number) => void} select
 * @property {() => number} exponential
 */

/** Events ordered by (time, serial). */
class Heap {
  size = 0;
  serial = 0;
  time = new Float64Array(MAX_EVENTS);
  order = new Float64Array(MAX_EVENTS);
  what = new Int32Array(MAX_EVENTS);

  /** @param {number} timeS @param {number} what */
  push(timeS, what) {
    const { time, order, what: whats } = this;
    const serial = this.serial++;
    let i = this.size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (time[parent] <= timeS) break;
      time[i] = time[parent];
      order[i] = order[parent];
      whats[i] = whats[parent];
      i = parent;
    }
    time[i] = timeS;
    order[i] = serial;
    whats[i] = what;
  }

  /** Puts an event in the place of the first one. @param {number} timeS @param {number} what */
  replaceTop(timeS, what) {
    this.siftDown(timeS, this.serial++, what);
  }

  removeTop() {
    const last = --this.size;
    if (last > 0) this.siftDown(this.time[last], this.order[last], this.what[last]);
  }

  /** @param {number} timeS @param {number} serial @param {number} what */
  siftDown(timeS, serial, what) {
    const { time, order, what: whats, size } = this;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      const right = child + 1;
      if (
        right < size &&
        (time[right] < time[child] || (time[right] === time[child] && order[right] < order[child]))
      ) {
        child = right;
      }
      if (timeS < time[child] || (timeS === time[child] && serial < order[child])) break;
      time[i] = time[child];
      order[i] = order[child];
      whats[i] = whats[child];
      i = child;
    }
    time[i] = timeS;
    order[i] = serial;
    whats[i] = what;
  }
}

/**
 * Exponential with mean 1, for the work of a request at a node, or (attempt 0) the gap before it.
 * @param {RandomSource} random @param {readonly [number, number]} keys @param {number} request
 * @param {number} attempt @param {number} purpose
 */
function draw(random, keys, request, attempt, purpose) {
  random.select(keys[0], keys[1], request, attempt, purpose);
  return random.exponential();
}

/**
 * A queue before `servers` equal servers: W1 and W2.
 * @param {RandomSource} random
 * @param {{ ratePerS: number, serviceS: number, servers: number, customers: number }} model
 * @returns {number} mean response time, seconds
 */
export function bareQueue(random, { ratePerS, serviceS, servers, customers }) {
  const users = random.keysOf('users');
  const pool = random.keysOf('servers');
  const heap = new Heap();
  const arrivedS = new Float64Array(RING);
  const waiting = new Int32Array(RING);
  const mask = RING - 1;
  let head = 0;
  let tail = 0;
  let busy = 0;
  let arrived = 0;
  let done = 0;
  let sumS = 0;
  // An event is the number of the request whose work ends, or -1 for the next arrival.
  heap.push(draw(random, users, 0, 0, ARRIVAL) / ratePerS, -1);
  while (heap.size > 0) {
    const nowS = heap.time[0];
    const what = heap.what[0];
    if (what < 0) {
      const request = arrived++;
      arrivedS[request & mask] = nowS;
      if (arrived < customers) {
        heap.replaceTop(nowS + draw(random, users, arrived, 0, ARRIVAL) / ratePerS, -1);
      } else heap.removeTop();
      if (busy < servers) {
        busy++;
        heap.push(nowS + draw(random, pool, request, 1, WORK) * serviceS, request);
      } else waiting[tail++ & mask] = request;
    } else {
      sumS += nowS - arrivedS[what & mask];
      done++;
      if (head < tail) {
        const next = waiting[head++ & mask];
        heap.replaceTop(nowS + draw(random, pool, next, 1, WORK) * serviceS, next);
      } else {
        busy--;
        heap.removeTop();
      }
    }
  }
  return sumS / done;
}

/**
 * A chain whose first service holds its thread during both calls: W3.
 * @param {RandomSource} random
 * @param {{ ratePerS: number, customers: number, threads: number[], workS: number[] }} model
 * @returns {number} mean response time, seconds
 */
export function bareChain(random, { ratePerS, customers, threads, workS }) {
  const users = random.keysOf('users');
  const api = random.keysOf('api');
  const payment = random.keysOf('payment');
  const email = random.keysOf('email');
  const heap = new Heap();
  const arrivedS = new Float64Array(RING);
  const mask = RING - 1;
  const [apiThreads = 0, paymentThreads = 0, emailThreads = 0] = threads;
  const [apiS = 0, paymentS = 0, emailS = 0] = workS;
  const apiQueue = new Int32Array(RING);
  const paymentQueue = new Int32Array(RING);
  const emailQueue = new Int32Array(RING);
  let apiHead = 0;
  let apiTail = 0;
  let apiBusy = 0;
  let paymentHead = 0;
  let paymentTail = 0;
  let paymentBusy = 0;
  let emailHead = 0;
  let emailTail = 0;
  let emailBusy = 0;
  let arrived = 0;
  let done = 0;
  let sumS = 0;
  // An event is its kind in the low two bits and the request's number above: 0 arrival, 1 own work
  // done, 2 payment done, 3 email done.
  heap.push(draw(random, users, 0, 0, ARRIVAL) / ratePerS, 0);
  while (heap.size > 0) {
    const nowS = heap.time[0];
    const what = heap.what[0];
    const request = what >> 2;
    switch (what & 3) {
      case 0: {
        const number = arrived++;
        arrivedS[number & mask] = nowS;
        if (arrived < customers) {
          heap.replaceTop(nowS + draw(random, users, arrived, 0, ARRIVAL) / ratePerS, 0);
        } else heap.removeTop();
        if (apiBusy < apiThreads) {
          apiBusy++;
          heap.push(nowS + draw(random, api, number, 1, WORK) * apiS, (number << 2) | 1);
        } else apiQueue[apiTail++ & mask] = number;
        break;
      }
      case 1:
        if (paymentBusy < paymentThreads) {
          paymentBusy++;
          const endS = nowS + draw(random, payment, request, 1, WORK) * paymentS;
          heap.replaceTop(endS, (request << 2) | 2);
        } else {
          paymentQueue[paymentTail++ & mask] = request;
          heap.removeTop();
        }
        break;
      case 2: {
        let isTopFree = true;
        if (paymentHead < paymentTail) {
          const next = paymentQueue[paymentHead++ & mask];
          const endS = nowS + draw(random, payment, next, 1, WORK) * paymentS;
          heap.replaceTop(endS, (next << 2) | 2);
          isTopFree = false;
        } else paymentBusy--;
        if (emailBusy < emailThreads) {
          emailBusy++;
          const endS = nowS + draw(random, email, request, 1, WORK) * emailS;
          if (isTopFree) heap.replaceTop(endS, (request << 2) | 3);
          else heap.push(endS, (request << 2) | 3);
        } else {
          emailQueue[emailTail++ & mask] = request;
          if (isTopFree) heap.removeTop();
        }
        break;
      }
      default: {
        sumS += nowS - arrivedS[request & mask];
        done++;
        if (emailHead < emailTail) {
          const next = emailQueue[emailHead++ & mask];
          heap.replaceTop(nowS + draw(random, email, next, 1, WORK) * emailS, (next << 2) | 3);
        } else {
          emailBusy--;
          heap.removeTop();
        }
        if (apiHead < apiTail) {
          const next = apiQueue[apiHead++ & mask];
          heap.push(nowS + draw(random, api, next, 1, WORK) * apiS, (next << 2) | 1);
        } else apiBusy--;
      }
    }
  }
  return sumS / done;
}
