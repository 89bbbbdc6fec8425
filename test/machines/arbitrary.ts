import fc from 'fast-check';
import { type Endpoint, endpointOf, isUnicast } from '../../machines/endpoint.ts';
import { nameFault } from '../../machines/name.ts';

const SEED = 20_260_102;

/** Holds a predicate against so many values, the same ones each time. */
export function check<Value>(
  values: fc.Arbitrary<Value>,
  predicate: (value: Value) => void,
  numRuns = 3000,
): void {
  fc.assert(fc.property(values, predicate), { seed: SEED, numRuns });
}

/** With the prototype that objects have, which `deepEqual` compares too. */
export function record<Shape extends object>(
  shape: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> },
): fc.Arbitrary<Shape> {
  return fc.record(shape, { noNullPrototype: true }) as fc.Arbitrary<Shape>;
}

export function names(): fc.Arbitrary<string> {
  return fc
    .oneof(fc.string({ unit: 'binary', maxLength: 20 }), fc.string({ minLength: 40, maxLength: 63 }))
    .filter((name) => nameFault(name) === undefined);
}

export function remotes(): fc.Arbitrary<Endpoint> {
  return fc
    .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }))
    .map(([address, port]) => endpointOf(address, port))
    .filter((endpoint) => endpoint !== undefined)
    .filter(isUnicast);
}

/** So many bytes, of any value. */
export function raw(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

/** A few bytes, and sometimes many. */
export function someBytes(maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 240, maxLength }));
}

/** What a hostile hand makes of well-formed bytes: a few changed, some cut off, some more at the end. */
export function damaged(whole: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 });
  const tail = fc.uint8Array({ maxLength: 4 });
  return fc.tuple(whole, changes, fc.nat({ max: 12 }), tail).map(([original, changed, cut, more]) => {
    const bytes = Uint8Array.from(original);
    for (const [place, value] of bytes.length === 0 ? [] : changed) bytes[place % bytes.length] = value;
    return Uint8Array.of(...bytes.subarray(0, Math.max(0, bytes.length - cut)), ...more);
  });
}

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
