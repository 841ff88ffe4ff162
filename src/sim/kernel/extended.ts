/** A column that has become too short. @returns `bigger`, with the values of `old` at its beginning */
export function extended<A extends Float64Array | Int32Array | Uint8Array>(old: A, bigger: A): A {
  bigger.set(old);
  return bigger;
}
