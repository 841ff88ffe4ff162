/**
 * 2^k for k from −1024 to 1023, at place k + ONE. To multiply by it is exact, and several times as fast as
 * to put the exponent into the bits of a number: a processor waits when it reads eight bytes of which
 * four have just been written.
 */
export const ONE = 1024;

export const powersOfTwo = new Float64Array(2 * ONE);

powersOfTwo[ONE] = 1;
for (let k = 1; k < ONE; k++) powersOfTwo[ONE + k] = powersOfTwo[ONE + k - 1] * 2;
for (let k = 1; k <= ONE; k++) powersOfTwo[ONE - k] = powersOfTwo[ONE - k + 1] / 2;
