import { z } from 'zod';
import { invalidArgument } from '../recac-error.ts';
import { checkWith } from './check-with.ts';

const maximumLength = 4_096;

/** A text that is not empty, not longer than 4 096 characters and holds no control character, with a further check if given. */
export function textField(check: (text: string, field: string) => unknown = () => {}): z.ZodString {
  return z.string().superRefine(
    checkWith((text: string, field) => {
      validateText(text, field);
      check(text, field);
    }),
  );
}

function validateText(text: string, field: string): void {
  const nextStep = 'Give a value, or remove the key for the default.';
  if (text.trim() === '') throw invalidArgument(field, 'must not be empty', nextStep);
  if (text.length > maximumLength)
    throw invalidArgument(field, `must not be longer than ${maximumLength} characters`, 'Use a shorter text.');
  if (/[\p{Cc}\p{Cs}]/u.test(text))
    throw invalidArgument(field, 'must not hold control characters or a line end', nextStep);
}
