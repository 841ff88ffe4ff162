/** How long the work steps of a program take: a mean and a variability each, which a run may change. */
import type { Variability } from '../flow.ts';
import { UNSET_S } from './columns.ts';
import { Variation } from './distributions.ts';
import { DrawsAhead } from './drawsAhead.ts';
import type { Saves } from './plainState.ts';
import type { WorkStep } from './program.ts';
import { Purpose, type KeyedRandom } from './random.ts';

/** How long one work step takes. */
export class Pace extends Variation {
  readonly name: string;
  /** Mean, seconds. */
  workS = UNSET_S;

  constructor({ name, workMs }: WorkStep, variability: Variability | undefined) {
    super(variability);
    this.name = name;
    this.workS = workMs / 1000;
  }
}

interface SavedPaces {
  readonly workS: Float64Array;
  readonly cv: Float64Array;
}

export class Paces implements Saves {
  readonly steps: readonly Pace[];

  /** @param variability of the steps that have none of their own */
  constructor(works: readonly WorkStep[], variability: Variability | undefined) {
    this.steps = works.map((work) => new Pace(work, work.variability ?? variability));
  }

  /** The draws of each step for the requests that come to a node. @param id of the node */
  drawsAhead(random: KeyedRandom, id: string): readonly DrawsAhead<Pace>[] {
    return this.steps.map((pace, k) => new DrawsAhead(random, id, pace, Purpose.Work + k, 1));
  }

  /** Mean of the first step, milliseconds; 0 where there is none. */
  get workMs(): number {
    return this.steps.length === 0 ? 0 : this.steps[0].workS * 1000;
  }

  /**
   * @param name `workMs`, of the first step, or `cv`, of all steps
   * @param part name of one step, if it is for that one only
   * @param value 0 or more
   * @returns false if there is no such step or the value does not fit its shape
   */
  set(name: 'workMs' | 'cv', part: string | null, value: number): boolean {
    const { steps } = this;
    const found = part === null ? steps : steps.filter((step) => step.name === part).slice(0, 1);
    if (found.length === 0) return false;
    if (name === 'workMs') {
      found[0].workS = value / 1000;
      return true;
    }
    if (!found.every((step) => step.fits(value))) return false;
    for (const step of found) step.cv = value;
    return true;
  }

  save(): SavedPaces {
    const { steps } = this;
    return {
      workS: Float64Array.from(steps, ({ workS }) => workS),
      cv: Float64Array.from(steps, ({ cv }) => cv),
    };
  }

  restore(saved: object): void {
    const { workS, cv } = saved as SavedPaces;
    this.steps.forEach((step, k) => {
      step.workS = workS[k];
      step.cv = cv[k];
    });
  }
}
