// The three workloads in SIM.JS, an npm peer, in its own idiom: entities, facilities and buffers.

/** Loads the package, which gives itself only to a `window`. @returns {Promise<any>} */
async function loadSimjs() {
  const holder = /** @type {any} */ (globalThis);
  holder.window ??= {};
  // @ts-expect-error the package has no types
  await import('simjs');
  return holder.window.Sim;
}

/**
 * @param {{ ratePerS: number, serviceS: number, servers: number, customers: number }} model
 * @param {number} seed
 * @returns {Promise<number>} mean response time, seconds
 */
export async function simjsQueue({ ratePerS, serviceS, servers, customers }, seed) {
  const { Sim, Entity, Facility, Random } = await loadSimjs();
  const random = new Random(seed);
  const sim = new Sim();
  const facility = new Facility('servers', Facility.FCFS, servers);
  let arrived = 0;
  let done = 0;
  let sumS = 0;
  class Users extends Entity {
    start() {
      this.setTimer(random.exponential(ratePerS)).done(this.arrive);
    }
    arrive() {
      if (++arrived < customers) this.setTimer(random.exponential(ratePerS)).done(this.arrive);
      const atS = this.time();
      this.useFacility(facility, random.exponential(1 / serviceS)).done(this.leave, this, atS);
    }
    /** @param {number} arrivedS */
    leave(arrivedS) {
      sumS += this.time() - arrivedS;
      done++;
    }
  }
  sim.addEntity(Users);
  sim.simulate(Infinity, Infinity);
  return sumS / done;
}

/**
 * @param {{ ratePerS: number, customers: number, threads: number[], workS: number[] }} model
 * @param {number} seed
 * @returns {Promise<number>} mean response time, seconds
 */
export async function simjsChain({ ratePerS, customers, threads, workS }, seed) {
  const { Sim, Entity, Facility, Buffer, Random } = await loadSimjs();
  const random = new Random(seed);
  const sim = new Sim();
  const [apiThreads = 0, paymentThreads = 0, emailThreads = 0] = threads;
  const [apiS = 0, paymentS = 0, emailS = 0] = workS;
  // A facility serves for a known time; a thread held across calls is a token of a buffer.
  const api = new Buffer('api', apiThreads, apiThreads);
  const payment = new Facility('payment', Facility.FCFS, paymentThreads);
  const email = new Facility('email', Facility.FCFS, emailThreads);
  let arrived = 0;
  let done = 0;
  let sumS = 0;
  class Users extends Entity {
    start() {
      this.setTimer(random.exponential(ratePerS)).done(this.arrive);
    }
    arrive() {
      if (++arrived < customers) this.setTimer(random.exponential(ratePerS)).done(this.arrive);
      this.getBuffer(api, 1).done(this.work, this, this.time());
    }
    /** @param {number} arrivedS */
    work(arrivedS) {
      this.setTimer(random.exponential(1 / apiS)).done(this.pay, this, arrivedS);
    }
    /** @param {number} arrivedS */
    pay(arrivedS) {
      this.useFacility(payment, random.exponential(1 / paymentS)).done(this.send, this, arrivedS);
    }
    /** @param {number} arrivedS */
    send(arrivedS) {
      this.useFacility(email, random.exponential(1 / emailS)).done(this.leave, this, arrivedS);
    }
    /** @param {number} arrivedS */
    leave(arrivedS) {
      this.putBuffer(api, 1);
      sumS += this.time() - arrivedS;
      done++;
    }
  }
  sim.addEntity(Users);
  sim.simulate(Infinity, Infinity);
  return sumS / done;
}
