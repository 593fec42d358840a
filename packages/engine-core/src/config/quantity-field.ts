import { z } from 'zod';
import { compareQuantities, parseQuantity } from '../quantity.ts';
import { invalidArgument } from '../recac-error.ts';
import { checkWith } from './check-with.ts';

type WrittenQuantity = string | number;

/** A CPU quantity: more than 0, not finer than `1m`. A bare number is accepted, as Kubernetes does. */
export function cpuField(): z.ZodUnion<readonly [z.ZodString, z.ZodNumber]> {
  return quantityField('m', 'must be a whole number of thousandths of a CPU', 'Write it as 500m or 2.');
}

/** A memory quantity: more than 0, a whole number of bytes. */
export function memoryField(): z.ZodUnion<readonly [z.ZodString, z.ZodNumber]> {
  return quantityField(
    '',
    'must be a whole number of bytes (the suffix m means thousandths)',
    'Write it as 512Mi or 4Gi.',
  );
}

function quantityField(
  smallestUnit: string,
  unitRule: string,
  nextStep: string,
): z.ZodUnion<readonly [z.ZodString, z.ZodNumber]> {
  const unit = parseQuantity(`1${smallestUnit}`);
  const zero = parseQuantity('0');
  const check = checkWith((written: WrittenQuantity, field) => {
    const quantity = parseQuantity(String(written), field);
    if (compareQuantities(quantity, zero) === 0) throw invalidArgument(field, 'must be more than 0', nextStep);
    if (quantity.nano % unit.nano !== 0n) throw invalidArgument(field, unitRule, nextStep);
  });
  return z.union([z.string(), z.number()]).superRefine(check);
}
