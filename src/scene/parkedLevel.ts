/** How dark a parked thread is hatched, by how long it has waited. */
export type ParkedLevel = 1 | 2 | 3;

/** @param ageS seconds since it parked */
export function parkedLevel(ageS: number): ParkedLevel {
  return ageS < 0.7 ? 1 : ageS < 2.5 ? 2 : 3;
}
