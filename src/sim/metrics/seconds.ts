/**
 * What a sum of seconds begins with: 0, written as −0, because engines give a field that begins with a
 * whole number another shape from that of a fraction, and everything compiled for it has to go.
 */
export const NO_SECONDS = -0;
