/** How a duration varies around its mean. */

/** Distribution of a duration; the mean is in the field that holds it. */
export type Variability =
  | { readonly kind: 'constant' }
  /** Gamma with a coefficient of variation between 0 (constant) and 1 (exponential). */
  | { readonly kind: 'gamma'; readonly cv: number }
  | { readonly kind: 'exponential' }
  | { readonly kind: 'lognormal'; readonly cv: number }
  /** Two exponentials with balanced means; a coefficient of variation of 1 or more. */
  | { readonly kind: 'hyperexponential'; readonly cv: number }
  /** Between (1 − spread) and (1 + spread) times the mean. */
  | { readonly kind: 'uniform'; readonly spread: number }
  /** From data: one of these at random, scaled so that their mean is the step's. */
  | { readonly kind: 'empirical'; readonly values: readonly number[] };
